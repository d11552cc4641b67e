"""Fragment and plan become one service; a leaf that both set is refused."""

from __future__ import annotations

from typing import Any

import pytest

from toolkit.errors import UsageError
from toolkit.render.merge import merge_leaves


def merge(fragment: dict[str, Any], planned: dict[str, Any]) -> dict[str, Any]:
    return merge_leaves(fragment, planned, "compose/redis.yaml")


def test_both_sides_are_kept_the_fragment_s_keys_first() -> None:
    merged = merge(
        {"restart": "unless-stopped", "healthcheck": {"test": ["CMD", "true"]}},
        {"image": "redis:8", "healthcheck": {"interval": "5s"}},
    )

    assert merged == {
        "restart": "unless-stopped",
        "healthcheck": {"test": ["CMD", "true"], "interval": "5s"},
        "image": "redis:8",
    }
    assert list(merged) == ["restart", "healthcheck", "image"]


def test_neither_side_is_changed() -> None:
    fragment, planned = {"healthcheck": {"test": "x"}}, {"healthcheck": {"interval": "5s"}}
    merge(fragment, planned)
    assert (fragment, planned) == ({"healthcheck": {"test": "x"}}, {"healthcheck": {"interval": "5s"}})


@pytest.mark.parametrize(
    ("fragment", "planned", "path", "got"),
    [
        ({"image": "a"}, {"image": "b"}, "image", "a"),
        ({"image": "same"}, {"image": "same"}, "image", "same"),
        (
            {"healthcheck": {"interval": "1s"}},
            {"healthcheck": {"interval": "5s"}},
            "healthcheck.interval",
            "1s",
        ),
        ({"command": ["a"]}, {"command": ["b"]}, "command", "['a']"),
        ({"logging": "none"}, {"logging": {"driver": "x"}}, "logging", "none"),
        ({"a": {"b": {"c": None}}}, {"a": {"b": {"c": 1}}}, "a.b.c", "None"),
    ],
)
def test_a_leaf_set_twice_is_refused_by_its_path(
    fragment: dict[str, Any], planned: dict[str, Any], path: str, got: str
) -> None:
    with pytest.raises(UsageError) as caught:
        merge(fragment, planned)

    assert str(caught.value) == (
        f"compose/redis.yaml: `{path}` is set by the fragment, but it belongs to the plan\n"
        f"   got: {got}\n"
        f"  next: remove `{path}` from the fragment; a profile sets it"
    )
    assert caught.value.exit_code == 2
