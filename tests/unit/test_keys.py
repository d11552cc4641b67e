"""API keys: the key in one closed file, its hash in the map, and names that cannot be mistaken."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from toolkit.errors import BlockedError, UsageError
from toolkit.state.directory import StateDirectory
from toolkit.state.keys import Keys

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path, "testing").ensure()


@pytest.fixture
def keys(state: StateDirectory) -> Keys:
    return Keys(state)


def test_add_keeps_the_key_in_its_file_and_the_hash_in_the_map(keys: Keys, state: StateDirectory) -> None:
    key = keys.add("alice")

    raw = key.file.read_text()
    assert raw.startswith("sk-")
    assert len(raw) == 46
    assert key.file == state.keys / "alice.key"
    assert stat.S_IMODE(key.file.stat().st_mode) == 0o600
    assert key.digest == sha256(raw.encode()).hexdigest()
    assert (state.edge / "keys.map").read_text() == f"{key.digest} alice\n"
    assert stat.S_IMODE((state.edge / "keys.map").stat().st_mode) == 0o644
    assert raw not in repr(key)
    assert key.created is not None
    assert datetime.now(UTC) - key.created < timedelta(minutes=1)


def test_all_are_listed_by_name_with_a_short_hash(keys: Keys) -> None:
    bob, alice = keys.add("bob"), keys.add("alice-2")

    assert keys.all() == (alice, bob)
    assert bob.short == bob.digest[:12]


def test_none_are_listed_before_the_first(keys: Keys) -> None:
    assert keys.all() == ()


def test_a_key_whose_file_was_taken_away_still_counts(keys: Keys) -> None:
    keys.add("alice").file.unlink()

    (key,) = keys.all()
    assert (key.name, key.created) == ("alice", None)


def test_revoke_takes_out_line_and_file_and_tells_the_hash(keys: Keys, state: StateDirectory) -> None:
    alice, bob = keys.add("alice"), keys.add("bob")

    assert keys.revoke("alice").digest == alice.digest
    assert not alice.file.exists()
    assert (state.edge / "keys.map").read_text() == f"{bob.digest} bob\n"


@pytest.mark.parametrize("name", ["", "Alice", "a b", "-a", "a-", "../x", "ä", "a" * 64, "a\n"])
def test_a_name_that_is_none_is_refused(keys: Keys, state: StateDirectory, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        keys.add(name)

    assert str(caught.value) == (
        f"keys add: this is no name for a key\n   got: {name!r}\n"
        "  next: use a-z, 0-9 and - (not first or last), 63 at most"
    )
    assert caught.value.exit_code == 2
    assert list(state.keys.iterdir()) == []


def test_a_name_that_is_taken_is_refused(keys: Keys) -> None:
    first = keys.add("alice")

    with pytest.raises(UsageError) as caught:
        keys.add("alice")

    assert str(caught.value) == (
        "keys add: a key of this name is there\n   got: alice\n"
        "  next: take another name, or first: toolkit keys revoke alice"
    )
    assert keys.all() == (first,)


def test_a_file_without_its_line_is_not_overwritten(keys: Keys, state: StateDirectory) -> None:
    (state.keys / "alice.key").write_text("sk-old")

    with pytest.raises(UsageError, match=r"or first: rm .*/alice\.key"):
        keys.add("alice")

    assert (state.keys / "alice.key").read_text() == "sk-old"


def test_an_unknown_name_proposes_the_nearest(keys: Keys) -> None:
    keys.add("alice")

    with pytest.raises(UsageError) as caught:
        keys.revoke("alise")
    assert (
        str(caught.value) == "keys revoke: no key has this name\n   got: alise\n  next: did you mean alice?"
    )

    with pytest.raises(UsageError, match="`toolkit keys list` shows them"):
        keys.revoke("zzz")


def test_a_line_that_is_no_key_is_named(keys: Keys, state: StateDirectory) -> None:
    keys.add("alice")
    with (state.edge / "keys.map").open("a") as out:
        out.write("sk-pasted-by-hand\n")

    with pytest.raises(BlockedError) as caught:
        keys.all()
    assert str(caught.value).startswith(f"{state.edge}/keys.map:2: not `<sha256> <name>`\n")


def test_a_map_that_cannot_be_written_leaves_no_key(keys: Keys, state: StateDirectory) -> None:
    state.edge.rmdir()

    with pytest.raises(BlockedError, match="the key cannot be written") as caught:
        keys.add("alice")
    assert str(caught.value).endswith("next: free some space, or run as the user that owns the directory")
    assert list(state.keys.iterdir()) == []
    assert keys.all() == ()


def test_an_empty_map_is_made_once(keys: Keys, state: StateDirectory) -> None:
    assert keys.ensure_map() == state.edge / "keys.map"
    assert (state.edge / "keys.map").read_text() == ""

    key = keys.add("alice")
    keys.ensure_map()
    assert keys.all() == (key,)
