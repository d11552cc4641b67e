"""API keys: the raw key in a file for its owner, its hash in the map that the edge reads."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem, UsageError
from toolkit.state import files
from toolkit.values import Value

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.state.directory import StateDirectory

MAP_NAME = "keys.map"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LINE = re.compile(r"([0-9a-f]{64}) ([a-z0-9-]+)")
_BYTES = 32


class Key(Value):
    """An API key without the key itself; `created` is the time of its file, None once that is gone."""

    name: str
    digest: str
    file: Path
    created: datetime | None

    @property
    def short(self) -> str:
        """The first twelve digits of the hash."""
        return self.digest[:12]

    @property
    def kept(self) -> bool:
        """Whether its file holds the key itself. Raises OSError where it cannot be read."""
        return sha256(self.file.read_bytes()).hexdigest() == self.digest


class Keys:
    """The keys of one environment. The caller holds the environment's lock where it changes them."""

    def __init__(self, state: StateDirectory) -> None:
        self._directory = state.keys
        self._map = state.edge / MAP_NAME

    def all(self) -> tuple[Key, ...]:
        """Return the keys that the edge accepts, by name."""
        return tuple(self._key(name, digest) for name, digest in sorted(self._read().items()))

    def add(self, name: str) -> Key:
        """Make a key (`sk-` and 32 random bytes, base64url) and enter its hash in the map.

        The key itself goes to `keys/<name>.key`, mode 0600, and nowhere else. Raises UsageError for a name
        that is taken or not of a-z, 0-9 and `-`; BlockedError when the files cannot be read or written.
        """
        known = self._read()
        self._refuse_name(name, known)
        raw = f"sk-{token_urlsafe(_BYTES)}"
        digest = sha256(raw.encode()).hexdigest()
        file = self._file(name)
        try:
            files.create(file, raw, 0o600)
            self._write({**known, name: digest})
        except OSError as error:
            with suppress(OSError):
                file.unlink(missing_ok=True)
            raise _refused(file, error) from error
        return self._key(name, digest)

    def revoke(self, name: str) -> Key:
        """Take the key out of the map, remove its file, and return what it was.

        A running edge has read the map before: it has to be told. Raises UsageError for an unknown name,
        BlockedError when the files cannot be read or written.
        """
        known = self._read()
        if name not in known:
            raise UsageError(_unknown(name, sorted(known)))
        key = self._key(name, known.pop(name))
        try:
            self._write(known)
            key.file.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(self._map, error) from error
        return key

    def ensure_map(self) -> Path:
        """Make an empty map where none is, so that the edge can start, and return its path."""
        with suppress(FileExistsError):
            files.create(self._map, "", 0o644)
        return self._map

    def _file(self, name: str) -> Path:
        return self._directory / f"{name}.key"

    def _key(self, name: str, digest: str) -> Key:
        file = self._file(name)
        try:
            created = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        except FileNotFoundError:
            created = None
        return Key(name, digest, file, created)

    def _read(self) -> dict[str, str]:
        try:
            lines = self._map.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            step = "run as the user that owns it"
            raise BlockedError(Problem(str(self._map), "cannot be read", str(error), step)) from error
        found = [_LINE.fullmatch(line) for line in lines]
        if None in found:
            number = found.index(None) + 1
            step = "remove that line; the key it stood for has to be made anew"
            raise BlockedError(
                Problem(f"{self._map}:{number}", "not `<sha256> <name>`", lines[number - 1], step)
            )
        return {match[2]: match[1] for match in found if match}

    def _write(self, keys: dict[str, str]) -> None:
        text = "".join(f"{digest} {name}\n" for name, digest in sorted(keys.items()))
        files.replace(self._map, text, 0o644)

    def _refuse_name(self, name: str, known: dict[str, str]) -> None:
        if not _NAME.fullmatch(name):
            step = "use a-z, 0-9 and - (not first or last), 63 at most"
            raise UsageError(Problem("keys add", "this is no name for a key", repr(name), step))
        first = f"toolkit keys revoke {name}" if name in known else f"rm {self._file(name)}"
        if name in known or self._file(name).exists():
            step = f"take another name, or first: {first}"
            raise UsageError(Problem("keys add", "a key of this name is there", name, step))


def _unknown(name: str, known: list[str]) -> Problem:
    near = get_close_matches(name, known, 1)
    step = f"did you mean {near[0]}?" if near else "`toolkit keys list` shows them"
    return Problem("keys revoke", "no key has this name", name, step)


def _refused(path: Path, error: OSError) -> BlockedError:
    step = "free some space, or run as the user that owns the directory"
    return BlockedError(Problem(str(path), "the key cannot be written", str(error), step))
