"""`profile show` says what all layers say together, in YAML that reads back the same, with each origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from toolkit.profile.layers import Layer, merge_layers
from toolkit.profile.load import load_profile
from toolkit.profile.show import show_json, show_text
from toolkit.profile.tree import Node, Origin, plain
from toolkit.profile.yaml_source import read_text
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path


def merged(*texts: str) -> Node:
    readings = [read_text(text, f"{i}.yaml") for i, text in enumerate(texts)]
    return merge_layers([Layer("", r.source, r.node) for r in readings if r.node is not None])


def test_each_value_ends_in_its_origin() -> None:
    low = "name: redis\nhealth:\n  retries: 3\n  timeout: 1.50\nlist: [a, 1]\nempty: {}\n"
    high = "health: {retries: 5}\nwords: {'12:30': 'yes', plain: null}\naddress: 127.0.0.1\n"
    assert show_text(merged(low, high)) == (
        "name: redis         # 0.yaml:1\n"
        "health:\n"
        "  retries: 5        # 1.yaml:1\n"
        "  timeout: 1.50     # 0.yaml:4\n"
        "list: [a, 1]        # 0.yaml:5\n"
        "empty: {}           # 0.yaml:6\n"
        "words:\n"
        '  "12:30": "yes"    # 1.yaml:2\n'
        "  plain: null       # 1.yaml:2\n"
        "address: 127.0.0.1  # 1.yaml:3\n"
    )


def test_json_gives_value_and_origin_of_each_key() -> None:
    assert show_json(merged("a:\n  b: 1\n  c: [x]\nd: {}\n", "a: {b: 2}\n")) == {
        "a.b": {"value": 2, "origin": "1.yaml:1"},
        "a.c": {"value": ["x"], "origin": "0.yaml:3"},
        "d": {"value": {}, "origin": "0.yaml:4"},
    }


def test_nothing_shows_nothing() -> None:
    assert (show_text(merged("")), show_json(merged(""))) == ("", {})


HERE = Origin("x.yaml", 1, 1)
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=6)
NAMES = st.text(max_size=6)


def node(value: object) -> Node:
    if isinstance(value, dict):
        return Node({name: node(child) for name, child in value.items()}, HERE, HERE)
    if isinstance(value, list):
        return Node(tuple(node(item) for item in value), HERE, HERE)
    assert value is None or isinstance(value, str | int | bool)
    return Node(value, HERE, HERE, str(value))


@given(
    st.dictionaries(
        NAMES,
        st.recursive(
            SCALARS,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_what_is_shown_reads_back_the_same(value: dict[str, object]) -> None:
    reading = read_text(show_text(node(value)), "shown.yaml")
    assert reading.faults == []
    assert (plain(reading.node) if reading.node is not None else {}) == value


def test_the_whole_profile_reads_back_the_same(tmp_path: Path) -> None:
    loaded = load_profile(
        tmp_path, environment="testing", hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    )
    text = show_text(loaded.merged)
    reading = read_text(text, "shown.yaml")
    assert reading.faults == []
    assert reading.node is not None
    assert plain(reading.node) == plain(loaded.merged)
    assert "port: 8001 " in text
