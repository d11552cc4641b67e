"""The sums of the edge, and that its templates say what the plan says."""

from __future__ import annotations

import pytest

from tests.support import edge_config
from toolkit.planning.edge import EdgeCache, EdgeTimeouts, EdgeValues, body_limit, bufsize, edge_values
from toolkit.planning.edge_pools import EdgeModel
from toolkit.values import replace

GENERAL = edge_config.model("general", "fast", 16)
FAST = edge_config.model("fast", "general", 8)
PAIR = edge_config.model("general", "fast", 16, replicas=2)


def values(*models: EdgeModel) -> EdgeValues:
    return edge_values(
        models=models,
        largest_max_model_len=32768,
        max_connections=512,
        threads=2,
        timeouts=EdgeTimeouts(10.0, 90.0, 95.0, 0.5),
        check_interval_s=5.0,
    )


@pytest.mark.parametrize(("tokens", "limit"), [(1, 65536), (5461, 65536), (5462, 65544), (32768, 393216)])
def test_body_limit_is_twelve_bytes_a_token_with_a_floor(tokens: int, limit: int) -> None:
    assert body_limit(tokens) == limit


@pytest.mark.parametrize("limit", [65536, 73728, 393216])
def test_the_buffer_holds_the_body_and_16_kib_of_headers_beside_the_reserve(limit: int) -> None:
    size = bufsize(limit)
    assert size % 16384 == 0
    assert 0 <= size - (limit + 16384 + 4096) < 16384


def test_times_are_milliseconds() -> None:
    made = values(GENERAL, FAST)
    assert (made.connect_ms, made.read_ms, made.write_ms, made.queue_ms) == (10_000, 90_000, 95_000, 500)
    assert (made.check_interval_ms, made.check_timeout_ms) == (5_000, 15_000)
    assert made.pool_ms == 10_000 + 500 + 90_000 + 1_000


def test_each_client_has_a_second_connection_to_its_pool() -> None:
    made = values(GENERAL, FAST)
    assert (made.max_connections, made.max_passes) == (512, 2 * 512 + 64)
    assert edge_config.values(cache=EdgeCache("one")).max_passes == 3 * 512 + 64
    assert made.ask_ms == 3 * made.pool_ms


def test_with_a_cache_what_repeats_itself_goes_there() -> None:
    config = edge_config.sections(
        edge_config.text("haproxy.cfg", edge_config.values(cache=EdgeCache("one")))[0]
    )
    door = config["frontend edge"]
    assert 'x-edge-key "one:%[var(txn.secret)]:%[path]:%[var(txn.body)]"' in door
    assert "    use_backend cache:nginx if { req.hdr(x-edge-key) -m found }\n" in door
    assert edge_config.servers(config["backend cache:nginx"]) == [
        "cache unix@/run/edge-sockets/cache.sock id 1 check",
        "inner unix@/run/edge-sockets/edge.sock id 2",
    ]
    assert "X-Accel-Expires 5 if { srv_name other }" in config["backend ask:llm-general"]


def test_embeddings_have_a_path_where_a_model_makes_them() -> None:
    bge = replace(edge_config.model("embeddings"), pooling=True)
    with_it = edge_config.text("haproxy.cfg", values(GENERAL, FAST, bge))[0]
    assert "acl wants_answer path /v1/chat/completions /v1/completions /v1/embeddings\n" in with_it
    assert "/v1/embeddings" not in edge_config.text("haproxy.cfg", values(GENERAL, FAST))[0]


def test_each_pool_is_asked_first_then_the_other_then_itself_again() -> None:
    config = edge_config.sections(edge_config.text("haproxy.cfg", values(GENERAL, FAST))[0])
    assert edge_config.servers(config["backend ask:llm-general"]) == [
        "own unix@/run/edge/llm-general.sock id 3",
        "other unix@/run/edge/llm-fast.sock id 1",
        "again unix@/run/edge/llm-general.again.sock id 2",
    ]
    assert "    use-server own unless FALSE\n    retries 2\n" in config["backend ask:llm-general"]
    assert 'model_name="general"' in config["listen llm-general"]
    assert edge_config.servers(config["listen llm-general"]) == [
        "llm-general llm-general:8000 check maxconn 16"
    ]
    assert edge_config.servers(config["listen llm-fast"]) == ["llm-fast llm-fast:8000 check maxconn 8"]
    assert "    use_backend ask:llm-fast if asks_2\n" in config["frontend edge"]


def test_of_several_servers_the_least_busy_one_is_used() -> None:
    config = edge_config.sections(edge_config.text("haproxy.cfg", values(PAIR, FAST))[0])
    pool = config["listen llm-general-1"]
    assert edge_config.servers(pool) == [
        "llm-general-1 llm-general-1:8000 check maxconn 16",
        "llm-general-2 llm-general-2:8000 check maxconn 16",
    ]
    assert "    use-server %[var(txn.server)] if { var(txn.server) -m found }\n" in pool
    assert "    retries 1\n" in pool
    assert "use-server" not in config["listen llm-fast"]
    assert "    retries 0\n" in config["listen llm-fast"]


def test_a_model_without_fallback_is_asked_twice() -> None:
    config = edge_config.sections(edge_config.text("haproxy.cfg", values(replace(GENERAL, fallback=None)))[0])
    asked = config["backend ask:llm-general"]
    assert [server.split()[0] for server in edge_config.servers(asked)] == ["own", "again"]
    assert "    retries 1\n" in asked
    assert "unless wants_models or wants_answer" in config["frontend edge"]
    assert "if wants_answer !asks_1\n" in config["frontend edge"]


def test_a_dot_in_a_name_is_a_dot_to_the_readiness_check() -> None:
    model = replace(GENERAL, name="qwen3-0.6b", fallback=None)
    assert 'model_name="qwen3-0[.]6b"' in edge_config.text("haproxy.cfg", values(model))[0]


def test_times_and_sizes_reach_the_configuration() -> None:
    config = edge_config.sections(edge_config.text("haproxy.cfg", values(GENERAL, FAST))[0])
    for line in (
        "timeout connect 10000ms",
        "timeout server  90000ms",
        "timeout client  95000ms",
        "timeout queue   500ms",
    ):
        assert f"    {line}\n" in config["defaults"]
    assert "    tune.bufsize 425984\n" in config["global"]
    assert "req.body_len gt 393216" in config["frontend edge"]
    assert "bind :8404\n" in config["frontend metrics"]


def test_the_state_file_says_down_for_every_server_of_its_own() -> None:
    state, _ = edge_config.text("servers-down.state", values(PAIR, FAST))
    version, header, *rows = state.splitlines()
    assert version == "1"
    names = header.removeprefix("# ").split()
    states = [dict(zip(names, row.split(), strict=True)) for row in rows]
    assert [(row["be_id"], row["be_name"], row["srv_name"], row["srv_op_state"]) for row in states] == [
        ("101", "llm-general-1", "llm-general-1", "0"),
        ("101", "llm-general-1", "llm-general-2", "0"),
        ("102", "llm-fast", "llm-fast", "0"),
    ]


def test_the_digest_is_of_the_text_without_it() -> None:
    made = values(GENERAL, FAST)
    config, digest = edge_config.text("haproxy.cfg", made)
    assert config.count(digest) == 3
    assert edge_config.text("haproxy.cfg", made) == (config, digest)
    assert edge_config.text("haproxy.cfg", replace(made, max_connections=513))[1] != digest
