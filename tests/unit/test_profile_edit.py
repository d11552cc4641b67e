"""One value of a text changed: what people wrote stays, to the comment."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import UsageError
from toolkit.profile.edit import Value, with_value

TEXT = """# ours
services:
  # the big one
  llm_general:  # on card 0
    model: tiny   # small

    flags:
      max_model_len: 6144  # from the table
  redis: {memory: 1GiB}
  mariadb:
# the end
"""


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("services.llm_general.flags.max_model_len", 4096, "      max_model_len: 4096  # from the table"),
        ("services.llm_general.flags.max_num_seqs", 8, "      max_num_seqs: 8"),
        ("services.llm_general.model", "hf:a b", "    model: hf:a b   # small"),
        ("services.redis.memory", "2GiB", "  redis: {memory: 2GiB}"),
        ("services.redis.cpus", 0.5, "  redis: {memory: 1GiB, cpus: 0.5}"),
        ("services.mariadb.memory", "2GiB", "    memory: 2GiB"),
        ("strict", True, "strict: true"),
        ("hosts.local.memory", "4GiB", "    memory: 4GiB"),
    ],
)
def test_one_line_changes_or_comes(key: str, value: Value, line: str) -> None:
    edited = with_value(TEXT, key, value, "toolkit.yaml")
    assert line in edited.splitlines()
    gone = [one for one in TEXT.splitlines() if one not in edited.splitlines()]
    assert len(gone) <= 1
    assert [one for one in TEXT.splitlines() if "#" in one and one not in gone] == [
        one for one in edited.splitlines() if "#" in one and one != line
    ]
    reached = yaml.safe_load(edited)
    for name in key.split("."):
        reached = reached[name]
    assert reached == value


def test_a_new_line_stands_with_its_siblings() -> None:
    edited = with_value(TEXT, "services.llm_general.flags.max_num_seqs", 8, "toolkit.yaml").splitlines()
    assert edited[edited.index("      max_num_seqs: 8") - 1] == "      max_model_len: 6144  # from the table"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "a: 1", "a: 1\n# end"])
def test_short_texts(text: str) -> None:
    edited = with_value(text, "services.redis.memory", "1GiB", "toolkit.yaml")
    assert yaml.safe_load(edited)["services"] == {"redis": {"memory": "1GiB"}}
    assert set(text.splitlines()) <= set(edited.splitlines())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a: &x {b: 1}\nc: *x\n", "c.b"),
        ("a: [1, 2]\n", "a.b"),
        ("a: 1\n", "a.b"),
        ("a: {b: 1}\n", "a"),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str, key: str) -> None:
    with pytest.raises(UsageError, match="write it by hand"):
        with_value(text, key, 2, "toolkit.yaml")


_NAMES = st.sampled_from(["a", "b", "c"])
_TREES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.sampled_from(["x", "1GiB", "é ü", "# no"])),
    lambda below: st.dictionaries(_NAMES, below, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(_NAMES, _TREES, min_size=1),
    st.lists(_NAMES, min_size=1, max_size=3),
    st.integers(),
    st.booleans(),
)
def test_any_tree_is_changed_in_that_place_only_or_not_at_all(
    tree: dict[str, object], path: list[str], value: int, flow: bool
) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    try:
        edited = yaml.safe_load(with_value(text, ".".join(path), value, "x"))
    except UsageError:
        return
    expected: dict[str, object] = yaml.safe_load(text)
    at = expected
    for name in path[:-1]:
        below = at.get(name)
        at[name] = below if isinstance(below, dict) else {}
        at = at[name]  # type: ignore[assignment]
    at[path[-1]] = value
    assert edited == expected
