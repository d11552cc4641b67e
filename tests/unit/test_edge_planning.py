"""The sums of the edge, and that its templates say what the plan says."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tests.support import edge_config
from toolkit.planning.edge import EdgeModel, EdgeTimeouts, EdgeValues, body_limit, bufsize, edge_values

GENERAL = EdgeModel("general", "llm-general", "llm-general", 8000, 16, "fast")
FAST = EdgeModel("fast", "llm-fast", "llm-fast", 8000, 8, "general")


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


@pytest.mark.parametrize("fallback", ["nobody", "general"])
def test_a_fallback_has_to_be_another_model(fallback: str) -> None:
    with pytest.raises(ValueError, match=rf"fallback of general: '{fallback}' is none of \['fast'\]"):
        values(dataclasses.replace(GENERAL, fallback=fallback), FAST)


def sections(config: str) -> dict[str, str]:
    parts = re.split(r"^(?=(?:global|defaults|resolvers|frontend|backend)\b)", config, flags=re.MULTILINE)
    return {part.splitlines()[0]: part for part in parts if part.strip()}


def test_each_backend_has_its_own_server_checked_and_the_other_as_stand_in() -> None:
    config = sections(edge_config.text("haproxy.cfg", values(GENERAL, FAST))[0])
    general = config["backend llm-general"]
    assert "use-server llm-general unless FALSE" in general
    assert "server llm-general llm-general:8000 check maxconn 16\n" in general
    assert "server llm-fast llm-fast:8000 track llm-fast/llm-fast\n" in general
    assert 'model_name="general"' in general
    assert "server llm-general llm-general:8000 track llm-general/llm-general\n" in config["backend llm-fast"]
    assert "server llm-fast llm-fast:8000 check maxconn 8\n" in config["backend llm-fast"]


def test_a_model_without_fallback_stands_alone() -> None:
    config = sections(edge_config.text("haproxy.cfg", values(dataclasses.replace(GENERAL, fallback=None)))[0])
    backend = config["backend llm-general"]
    assert re.findall(r"^    server (\S+)", backend, re.MULTILINE) == ["llm-general"]
    assert "unless wants_models or wants_answer" in config["frontend edge"]
    assert "if wants_answer !asks_1\n" in config["frontend edge"]


def test_a_dot_in_a_name_is_a_dot_to_the_readiness_check() -> None:
    model = dataclasses.replace(GENERAL, name="qwen3-0.6b", fallback=None)
    assert 'model_name="qwen3-0[.]6b"' in edge_config.text("haproxy.cfg", values(model))[0]


def test_times_and_sizes_reach_the_configuration() -> None:
    config = sections(edge_config.text("haproxy.cfg", values(GENERAL, FAST))[0])
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
    state, _ = edge_config.text("servers-down.state", values(GENERAL, FAST))
    version, header, *rows = state.splitlines()
    assert version == "1"
    names = header.removeprefix("# ").split()
    servers = [dict(zip(names, row.split(), strict=True)) for row in rows]
    assert [(row["be_name"], row["srv_name"], row["srv_op_state"]) for row in servers] == [
        ("llm-general", "llm-general", "0"),
        ("llm-fast", "llm-fast", "0"),
    ]


def test_the_digest_is_of_the_text_without_it() -> None:
    made = values(GENERAL, FAST)
    config, digest = edge_config.text("haproxy.cfg", made)
    assert config.count(digest) == 3
    assert edge_config.text("haproxy.cfg", made) == (config, digest)
    assert edge_config.text("haproxy.cfg", dataclasses.replace(made, max_connections=513))[1] != digest
