"""A stream of tar is what tar itself reads, also where a file does not end with a block."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from toolkit.engine.archive import Entry, tar_stream

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, 512, 513, (1 << 20) + 7])
def test_content_mode_and_owner_arrive(size: int, tmp_path: Path) -> None:
    source = tmp_path / "content"
    source.write_bytes(b"x" * size)
    name = f"{'long-' * 40}name"
    entries = [
        Entry("dir", 0o700, 3, 4),
        Entry(name, 0o600, 1001, 1002, source),
        Entry("t", 0o644, 0, 0, text="é"),
    ]

    with tarfile.open(fileobj=io.BytesIO(b"".join(tar_stream(entries)))) as archive:
        directory, file, text = archive.getmembers()
        found, said = archive.extractfile(file), archive.extractfile(text)
        assert found is not None
        assert said is not None
        assert found.read() == b"x" * size
        assert said.read().decode() == "é"
    assert (directory.isdir(), directory.mode, directory.uid, directory.gid) == (True, 0o700, 3, 4)
    assert (file.name, file.mode, file.uid, file.gid) == (name, 0o600, 1001, 1002)


def test_a_file_that_shrinks_meanwhile_ends_the_stream(tmp_path: Path) -> None:
    source = tmp_path / "content"
    source.write_bytes(b"x" * (2 << 20))
    stream = tar_stream([Entry("name", 0o600, 0, 0, source)])
    next(stream)
    source.write_bytes(b"")
    with pytest.raises(OSError, match="became shorter"):
        list(stream)
