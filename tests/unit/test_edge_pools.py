"""The models behind the edge: pools of equal servers, each with another pool as its stand-in."""

from __future__ import annotations

import pytest

from tests.support.edge_config import model
from toolkit.planning.edge_pools import EdgeServer, edge_pools
from toolkit.values import replace

FAST = model("fast", "general")


def test_a_pool_bears_the_name_of_its_first_server() -> None:
    pair, fast = edge_pools((model("general", "fast", 8, replicas=2), FAST))
    assert (pair.name, pair.model, pair.number, pair.siblings) == ("llm-general-1", "general", 101, 1)
    assert [server.name for server in pair.servers] == ["llm-general-1", "llm-general-2"]
    assert (pair.max_in_flight, pair.other) == (8, "llm-fast")
    assert (fast.name, fast.number, fast.siblings, fast.other) == ("llm-fast", 102, 0, "llm-general-1")


def test_a_dot_of_a_name_is_a_dot_in_the_pattern() -> None:
    (pool,) = edge_pools((model("qwen3-0.6b"),))
    assert pool.ready_pattern == "qwen3-0[.]6b"
    assert pool.other is None


@pytest.mark.parametrize("fallback", ["nobody", "general"])
def test_a_fallback_has_to_be_another_model(fallback: str) -> None:
    with pytest.raises(ValueError, match=rf"fallback of general: '{fallback}' is none of \['fast'\]"):
        edge_pools((model("general", fallback), FAST))


def test_a_model_needs_a_server() -> None:
    with pytest.raises(ValueError, match="model general: no server"):
        edge_pools((replace(model("general"), servers=()),))


def test_a_server_is_one_model_s() -> None:
    twin = replace(FAST, servers=(EdgeServer("llm-general", "elsewhere", 8000),))
    with pytest.raises(ValueError, match="two servers are named llm-general"):
        edge_pools((model("general", "fast"), twin))
