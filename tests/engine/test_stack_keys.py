"""API keys come and go while the stack runs: at once, without a restart, shown nowhere."""

from __future__ import annotations

import hashlib
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine


def answers(stack: Stack, key: str) -> int:
    with stack.client(key) as client:
        return client.get("/v1/models").status_code


def test_a_key_counts_at_once_and_a_revoked_one_at_once_no_more(stack: Stack) -> None:
    before = stack.lives()
    made = stack.toolkit("keys", "add", "alice", "--output=json")
    file = stack.state / "keys" / "alice.key"
    assert made.json == {"name": "alice", "file": str(file), "live": True}
    key = file.read_text()
    assert key not in made.out + made.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert answers(stack, key) == 200
    gone = stack.toolkit("keys", "revoke", "alice", "--output=json")
    assert gone.json == {"name": "alice", "live": True}
    assert answers(stack, key) == 401
    assert not file.exists()
    assert answers(stack, stack.key()) == 200
    assert stack.lives() == before


def test_the_list_shows_hashes_and_no_keys(stack: Stack) -> None:
    listed = stack.toolkit("keys", "list", "--output=json").json["keys"]
    digests = {name: hashlib.sha256(stack.key(name).encode()).hexdigest() for name in ("default", "toolkit")}
    assert {row["name"]: row["sha256"] for row in listed} == {name: d[:12] for name, d in digests.items()}
    assert all(row["created"] for row in listed)
    text = stack.toolkit("keys", "list").out
    assert digests["default"][:12] in text
    assert stack.key() not in text
    key_map = (stack.state / "edge" / "keys.map").read_text()
    assert key_map == "".join(f"{digests[name]} {name}\n" for name in sorted(digests))


def test_keys_survive_a_restart_of_the_edge(stack: Stack) -> None:
    stack.toolkit("keys", "add", "bob")
    key = stack.key("bob")
    stack.toolkit("restart", "edge")
    assert answers(stack, key) == 200
    stack.toolkit("keys", "revoke", "bob")
    assert answers(stack, key) == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "default"), "a key of this name is there"),
        (("add", "Not A Name"), "this is no name for a key"),
        (("revoke", "defualt"), "did you mean default?"),
        (("revoke", "toolkit"), "the toolkit's own key"),
    ],
)
def test_what_cannot_be(stack: Stack, words: tuple[str, ...], said: str) -> None:
    refused = stack.toolkit("keys", *words, code=2)
    assert said in refused.err
    assert answers(stack, stack.key()) == 200
