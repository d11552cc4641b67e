"""Secrets and the directory that holds them: made once, closed, never overwritten."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from toolkit.errors import BlockedError
from toolkit.state import files
from toolkit.state.directory import StateDirectory
from toolkit.state.secrets import SecretSpec, ensure_secrets, existing

if TYPE_CHECKING:
    from pathlib import Path

ROOT = SecretSpec("mariadb_root", 999, 999)
USER = SecretSpec("redis", 999, 998)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def blocked(path: Path, *specs: SecretSpec) -> str:
    with pytest.raises(BlockedError) as caught:
        ensure_secrets(path, specs)
    assert caught.value.exit_code == 1
    return str(caught.value)


def test_a_missing_secret_is_made_closed_and_without_a_newline(tmp_path: Path) -> None:
    digests = ensure_secrets(tmp_path, [ROOT, USER])

    value = (tmp_path / "mariadb_root").read_bytes()
    assert digests["mariadb_root"] == sha256(value).hexdigest()
    assert len(value) == 43
    assert value != (tmp_path / "redis").read_bytes()
    assert mode(tmp_path / "redis") == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mariadb_root", "redis"]


@as_root
def test_root_gives_it_to_the_uid_that_reads_it(tmp_path: Path) -> None:
    ensure_secrets(tmp_path, [USER])

    found = (tmp_path / "redis").stat()
    assert (found.st_uid, found.st_gid) == (999, 998)


def test_a_second_call_changes_nothing(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path, [ROOT])
    before = (tmp_path / "mariadb_root").stat()

    assert ensure_secrets(tmp_path, [ROOT]) == first
    after = (tmp_path / "mariadb_root").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_secret_that_someone_opened_is_closed_again(tmp_path: Path) -> None:
    ensure_secrets(tmp_path, [ROOT])
    (tmp_path / "mariadb_root").chmod(0o644)

    ensure_secrets(tmp_path, [ROOT])

    assert mode(tmp_path / "mariadb_root") == 0o600


def test_an_empty_secret_is_refused_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "mariadb_root"
    file.write_text("\n")

    assert blocked(tmp_path, ROOT) == (
        f"{file}: the secret is empty\n"
        "   got: length 1\n"
        f"  next: put the old value back into {file}\n"
        "        or, if nothing was stored with it yet, remove it: the next `toolkit up` makes a new one"
    )
    assert file.read_text() == "\n"


def test_a_secret_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mariadb_root").mkdir()

    assert "mariadb_root: the secret cannot be read\n   got: [Errno 21]" in blocked(tmp_path, ROOT)


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("value")
    (tmp_path / "mariadb_root").symlink_to(tmp_path / "elsewhere")

    assert "the secret cannot be read" in blocked(tmp_path, ROOT)


def test_a_directory_that_is_gone_is_refused(tmp_path: Path) -> None:
    text = blocked(tmp_path / "gone", ROOT)

    assert text.startswith(f"{tmp_path}/gone/mariadb_root: the secret cannot be written\n")
    assert text.endswith(f"next: free some space, or make {tmp_path}/gone writable for this user")


def test_existing_tells_only_those_that_are_there(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path, [ROOT])

    assert existing(tmp_path, ["mariadb_root", "redis"]) == made
    (tmp_path / "redis").touch()
    with pytest.raises(BlockedError, match="the secret is empty"):
        existing(tmp_path, ["redis"])


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert "got: [Errno 28] No space left on device" in blocked(tmp_path, ROOT)
    assert list(tmp_path.iterdir()) == []


def test_replace_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "keys.map"
    files.replace(target, "old\n", 0o644)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.replace(target, "new\n", 0o644)

    assert target.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [target]


def test_the_state_directory_is_closed_but_for_what_the_edge_mounts(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "new", "testing").ensure()

    assert state.root == tmp_path / "new/.toolkit/testing"
    closed = [state.root.parent, state.root, state.secrets, state.keys]
    assert [mode(one) for one in closed] == [0o700] * 4
    assert mode(state.edge) == 0o755
    assert not state.lock.exists()


def test_ensure_closes_what_was_readable(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path, "testing").ensure()
    state.secrets.chmod(0o755)

    state.ensure()

    assert mode(state.secrets) == 0o700


def refused(tmp_path: Path) -> str:
    with pytest.raises(BlockedError) as caught:
        StateDirectory(tmp_path, "testing").ensure()
    return str(caught.value)


def test_a_symlink_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".toolkit").symlink_to(tmp_path / "elsewhere")

    assert refused(tmp_path) == (
        f"{tmp_path}/.toolkit: secrets cannot be kept here safely\n"
        f"   got: a symlink to {tmp_path}/elsewhere\n"
        f"  next: remove the symlink: rm {tmp_path}/.toolkit"
    )
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_directory_that_others_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".toolkit").mkdir()
    (tmp_path / ".toolkit").chmod(0o777)

    assert "   got: mode 0777, writable by other users\n  next: chmod go-w" in refused(tmp_path)


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".toolkit").touch()

    assert f"   got: not a directory\n  next: move it away: mv {tmp_path}/.toolkit" in refused(tmp_path)
