"""The sums of the response cache, and that its template says what the values say."""

from __future__ import annotations

import re

import pytest

from tests.support import edge_config
from toolkit.planning.edge import EdgeCache
from toolkit.planning.response_cache import ResponseCacheValues, keys_mib, response_cache_values
from toolkit.units import MIB


def values(size_bytes: int = 200 * MIB, ttl_s: float = 3600.0, cpus: float = 1.0) -> ResponseCacheValues:
    edge = edge_config.values(cache=EdgeCache("one"))
    return response_cache_values(
        edge, ttl_s=ttl_s, entries=20_000, size_bytes=size_bytes, micro_ttl_s=5.0, cpus=cpus
    )


@pytest.mark.parametrize(("entries", "mib"), [(100, 1), (8000, 1), (8001, 2), (20_000, 3)])
def test_eight_thousand_keys_fit_into_a_mebibyte(entries: int, mib: int) -> None:
    assert keys_mib(entries) == mib


@pytest.mark.parametrize(
    ("size_mib", "answers", "micro"), [(2, 1, 1), (100, 94, 6), (200, 188, 12), (1000, 938, 62)]
)
def test_both_parts_together_are_the_size(size_mib: int, answers: int, micro: int) -> None:
    made = values(size_mib * MIB)
    assert (made.answers_mib, made.micro_mib) == (answers, micro)
    assert made.answers_mib + made.micro_mib == size_mib


def test_a_size_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="size of the response cache: 1048576 bytes are under 2097152"):
        values(MIB)


def test_an_old_answer_is_kept_as_long_again() -> None:
    made = values(ttl_s=300.0)
    assert (made.ttl_s, made.inactive_s, made.micro_ttl_s) == (300, 600, 5)
    assert values(ttl_s=0.2).ttl_s == 1


def test_it_waits_for_the_edge_and_has_room_for_its_clients() -> None:
    made = values(cpus=2.5)
    assert (made.lock_s, made.ask_s) == (30, 333)
    assert made.connections == 2 * 512 + 64
    assert (made.workers, values(cpus=0.5).workers) == (2, 1)


def test_the_values_reach_the_configuration() -> None:
    text = edge_config.cache_text(values())
    paths = re.findall(r"proxy_cache_path (.+);", text)
    assert paths == [
        "/var/cache/nginx/answers levels=1:2 use_temp_path=off keys_zone=answers:3m max_size=188m inactive=7200s",
        "/var/cache/nginx/micro levels=1:2 use_temp_path=off keys_zone=micro:1m max_size=12m inactive=60s",
    ]
    assert re.findall(r"proxy_cache_valid (.+);", text) == ["200 3600s", "200 5s", "200 5s"]
    assert "    client_max_body_size 73728;\n" in text
    assert "        listen unix:/run/edge-sockets/cache.sock;\n" in text
    assert "        server unix:/run/edge-sockets/edge.sock;\n" in text
    # It listens nowhere else.
    assert text.count("listen ") == 1
