"""The secrets that containers read: made once, one file each, never overwritten and never shown."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem
from toolkit.state import files
from toolkit.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MODE = 0o600
_BYTES = 32


class SecretSpec(Value):
    """A secret by its file name, and the uid and gid that read it inside the container."""

    name: str
    uid: int
    gid: int


def ensure_secrets(directory: Path, wanted: Iterable[SecretSpec]) -> dict[str, str]:
    """Make those that are missing (32 random bytes, base64url, no newline); return all sha256 by name.

    The files have mode 0600 and belong to the uid that reads them, which only root can arrange. Without root
    they stay ours, and a container that runs as another uid cannot read them.
    Raises BlockedError for a secret that is empty or unreadable, and when the disk refuses.
    """
    return {spec.name: _ensure(directory / spec.name, spec) for spec in wanted}


def ensure_copies(wanted: Iterable[tuple[SecretSpec, Path]], directory: Path) -> None:
    """Write each copy with the value of its source, where it is missing or has another value.

    Raises BlockedError for a source that is missing, empty or unreadable, and when the disk refuses.
    """
    for spec, source in wanted:
        _copy(source, directory / spec.name, (spec.uid, spec.gid))


def _copy(source: Path, path: Path, owner: tuple[int, int]) -> None:
    digest = _digest(source)
    if os.path.lexists(path) and _digest(path) == digest:
        _close(path, owner)
        return
    try:
        path.unlink(missing_ok=True)
        files.create(path, _value(source).decode("ascii"), MODE, owner)
    except OSError as error:
        step = f"free some space, or make {path.parent} writable for this user"
        raise BlockedError(Problem(str(path), "the secret cannot be written", str(error), step)) from error


def copies_stand(wanted: Iterable[tuple[SecretSpec, Path]], directory: Path) -> bool:
    """Return whether `ensure_copies` would change nothing. Raises BlockedError as it."""
    for spec, source in wanted:
        found = untouched(directory, [spec])
        if found is None or found[spec.name] != _digest(source):
            return False
    return True


def existing(directory: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of those secrets that are there, by name. Raises BlockedError as `ensure_secrets`."""
    return {name: _digest(directory / name) for name in names if os.path.lexists(directory / name)}


def untouched(directory: Path, wanted: Iterable[SecretSpec]) -> dict[str, str] | None:
    """Return what `ensure_secrets` would, None where it would make or mend one. Raises BlockedError as it."""
    found = {}
    for spec in wanted:
        path = directory / spec.name
        if not os.path.lexists(path) or not _is_closed(path, (spec.uid, spec.gid)):
            return None
        found[spec.name] = _digest(path)
    return found


def _ensure(path: Path, spec: SecretSpec) -> str:
    owner = (spec.uid, spec.gid)
    try:
        with suppress(FileExistsError):
            files.create(path, token_urlsafe(_BYTES), MODE, owner)
        digest = _digest(path)
        _close(path, owner)
    except OSError as error:
        step = f"free some space, or make {path.parent} writable for this user"
        raise BlockedError(Problem(str(path), "the secret cannot be written", str(error), step)) from error
    return digest


def _digest(path: Path) -> str:
    way_out = (
        f"put the old value back into {path}\n"
        "or, if nothing was stored with it yet, remove it: the next `toolkit up` makes a new one"
    )
    try:
        value = _value(path)
    except PermissionError as error:
        step = "run as root: without it only the container's own user may read this file"
        raise BlockedError(Problem(str(path), "the secret cannot be read", str(error), step)) from error
    except OSError as error:
        raise BlockedError(Problem(str(path), "the secret cannot be read", str(error), way_out)) from error
    if not value.strip():
        raise BlockedError(Problem(str(path), "the secret is empty", f"length {len(value)}", way_out))
    return sha256(value).hexdigest()


def _value(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(file, "rb") as source:
        return source.read()


def _close(path: Path, owner: tuple[int, int]) -> None:
    """Take back what a careless copy opened: mode and, as root, owner."""
    if not _is_closed(path, owner):
        path.chmod(MODE)
        if os.geteuid() == 0:
            os.chown(path, *owner)


def _is_closed(path: Path, owner: tuple[int, int]) -> bool:
    found = path.lstat()
    own = os.geteuid() != 0 or (found.st_uid, found.st_gid) == owner
    return own and stat.S_IMODE(found.st_mode) == MODE
