"""Files of this machine as a stream of tar, read only as far as somebody takes it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory as it shall be: its name in the archive, mode, owner; `source` has a file's content.

    `text` stands in the place of a source where nothing on this machine has the content.
    """

    name: str
    mode: int
    uid: int
    gid: int
    source: Path | None = None
    text: str | None = None


def tar_stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield a tar of `entries`, in their order. Raises OSError where a file cannot be read or shrinks meanwhile."""
    for entry in entries:
        if entry.source is not None:
            yield from _file(entry, entry.source)
        elif entry.text is not None:
            content = entry.text.encode()
            yield _head(entry, tarfile.REGTYPE, len(content)) + content + _padding(len(content))
        else:
            yield _head(entry, tarfile.DIRTYPE, 0)
    yield bytes(2 * _BLOCK)


def _file(entry: Entry, source: Path) -> Iterator[bytes]:
    with source.open("rb") as content:
        size = left = source.stat().st_size
        yield _head(entry, tarfile.REGTYPE, size)
        while left:
            chunk = content.read(min(_CHUNK, left))
            if not chunk:
                raise OSError(f"{source} became shorter while it was read")
            left -= len(chunk)
            yield chunk
        yield _padding(size)


def _head(entry: Entry, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(entry.name)
    info.type, info.size, info.mode, info.uid, info.gid = kind, size, entry.mode, entry.uid, entry.gid
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
