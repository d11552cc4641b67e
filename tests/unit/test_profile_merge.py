"""Laying layers over each other: the upper one wins, and every value remembers who said it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from toolkit.profile.layers import Layer, merge, merge_layers, nested
from toolkit.profile.tree import Node, Origin, dotted, plain, walk
from toolkit.profile.yaml_source import read_text


def trees(source: str, sections: str = "xyz", leaves: str = "abc") -> st.SearchStrategy[Node]:
    """Mappings whose sections and leaves have different names: two trees always agree on which is which."""
    origins = st.builds(Origin, st.just(source), st.integers(1, 99), st.integers(1, 9))
    values = st.none() | st.booleans() | st.integers() | st.text("pq", max_size=3)
    leaf = st.builds(Node, values | st.just(()), origins, origins)

    def mapping(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        entries = st.tuples(
            st.dictionaries(st.sampled_from(list(leaves)), leaf, max_size=3),
            st.dictionaries(st.sampled_from(list(sections)), children, max_size=3),
        )
        return st.builds(lambda parts, origin: Node(parts[0] | parts[1], origin, origin), entries, origins)

    return mapping(st.deferred(lambda: mapping(mapping(st.builds(Node, st.just({}), origins, origins)))))


def mixed_trees(source: str) -> st.SearchStrategy[Node]:
    """Trees in which a name can be a section here and a leaf there."""
    return trees(source, sections="abx", leaves="abx")


def ends(node: Node) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    return ((path, child) for path, child in walk(node) if not isinstance(child.value, Mapping))


@given(trees("low"), trees("middle"), trees("high"))
def test_merging_is_associative(low: Node, middle: Node, high: Node) -> None:
    assert merge(merge(low, middle), high) == merge(low, merge(middle, high))


@given(mixed_trees("low"), mixed_trees("high"))
def test_the_upper_layer_wins_with_its_origin(low: Node, high: Node) -> None:
    merged = dict(walk(merge(low, high)))
    for path, node in ends(high):
        assert merged[path] == node


@given(mixed_trees("low"), mixed_trees("high"))
def test_what_the_upper_layer_does_not_name_stays_with_its_origin(low: Node, high: Node) -> None:
    merged, said_above = dict(walk(merge(low, high))), dict(ends(high))
    for path, node in ends(low):
        replaced = any(path[: i + 1] in said_above for i in range(len(path))) or path in dict(walk(high))
        assert replaced or merged[path] == node


@given(mixed_trees("low"), mixed_trees("high"))
def test_a_merge_says_nothing_of_its_own(low: Node, high: Node) -> None:
    said = {*map(repr, dict(ends(low)).items()), *map(repr, dict(ends(high)).items())}
    assert {repr(item) for item in ends(merge(low, high))} <= said


@given(mixed_trees("low"))
def test_an_empty_mapping_changes_nothing(low: Node) -> None:
    empty = Node({}, Origin("high", 1, 1), Origin("high", 1, 1))
    assert plain(merge(low, empty)) == plain(merge(empty, low)) == plain(low)


def layer(name: str, text: str) -> Layer:
    node = read_text(text, f"{name}.yaml").node
    assert node is not None
    return Layer(name, f"{name}.yaml", node)


def test_lists_and_scalars_replace_and_null_takes_back() -> None:
    low = layer("low", "list: [1, 2]\nsection: {a: 1, b: 2}\nvalue: 1\n")
    high = layer("high", "list: [3]\nsection: {b: null}\nvalue: null\n")
    merged = merge_layers([low, high])
    assert plain(merged) == {"list": [3], "section": {"a": 1, "b": None}, "value": None}
    origins = {dotted(path): str(node.origin) for path, node in ends(merged)}
    assert origins == {
        "list": "high.yaml:1",
        "section.a": "low.yaml:2",
        "section.b": "high.yaml:2",
        "value": "high.yaml:3",
    }


def test_no_layers_say_nothing() -> None:
    assert plain(merge_layers([])) == {}


def test_nested_puts_a_node_under_a_key() -> None:
    node = nested(("models", "tiny-0.5"), layer("tiny", "source: generated\n").node)
    assert [dotted(path) for path, _ in walk(node)] == [
        "models",
        'models."tiny-0.5"',
        'models."tiny-0.5".source',
    ]
