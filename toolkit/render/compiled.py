"""Keeps the code that a shipped template compiles to where Python keeps that of a module, and by its rules."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache


class CompiledBeside(BytecodeCache):
    """Code in `__pycache__` beside its template, good for the very same text compiled by the very same compiler.

    Like Python, it says nothing where that cannot be written, and then compiles again each time. A template that is
    no file is not kept. `program` names the files that decide what a text compiles to.
    """

    def __init__(self, *program: str) -> None:
        # As Python judges whether its own are good: by size and time of change.
        stamps = [(found.st_size, found.st_mtime_ns) for found in map(os.stat, program)]
        self._by = f"{MAGIC_NUMBER.hex()} {stamps}\0"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's own signature
        """Return the path of the kept code, "" for none."""
        return cache_from_source(filename) if filename else ""

    def get_source_checksum(self, source: str) -> str:
        """Return what kept code has to begin with."""
        return sha256((self._by + source).encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket where its code is kept and good."""
        if not bucket.key:
            return
        with suppress(OSError, EOFError, ValueError, TypeError):
            kept, good = Path(bucket.key).read_bytes(), bucket.checksum.encode()
            if kept.startswith(good):
                # Who can write there can write the template as well.
                bucket.code = marshal.loads(kept[len(good) :])  # noqa: S302

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code: whole, or not at all."""
        if not bucket.key or sys.dont_write_bytecode:
            return
        final = Path(bucket.key)
        staged = final.with_name(f"{final.name}.{os.getpid()}")
        with suppress(OSError):
            final.parent.mkdir(exist_ok=True)
            staged.write_bytes(bucket.checksum.encode() + marshal.dumps(bucket.code))
            staged.replace(final)
