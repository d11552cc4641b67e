"""A bundle of evidence for somebody else: report, look, rendered files, logs; secrets and addresses taken out."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from toolkit.redact import Redactor

FILE_BYTES = 256 * 1024
"""The most that is kept of one file: its end, where it is longer."""
ALL_BYTES = 16 * FILE_BYTES
_MODE = 0o600
_CUT = "(the beginning is left out)\n"


def evidence(texts: Mapping[str, str], taken_at: str, redactor: Redactor) -> bytes:
    """Return a tar.gz of `texts` by name, redacted, the first ones first where not all of them find room.

    A name that ends in .json holds JSON, before and after; it is never cut. `taken_at` is the time of all files.
    """
    at = int(datetime.fromisoformat(taken_at).timestamp())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
        room = ALL_BYTES
        for name, text in texts.items():
            if len(text) > FILE_BYTES and not name.endswith(".json"):
                # From a whole line on: half a secret would no longer look like one.
                text = _CUT + text[-FILE_BYTES:].partition("\n")[2]  # noqa: PLW2901
            if len(text) > room:
                continue
            room -= len(text)
            body = redacted(name, text, redactor).encode("utf-8", "replace")
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(body), _MODE, at
            archive.addfile(entry, io.BytesIO(body))
    return packed.getvalue()


def redacted(name: str, text: str, redactor: Redactor) -> str:
    """Return the text without secrets, prompts and addresses; JSON stays JSON."""
    if not name.endswith(".json"):
        return redactor.all(text)
    return json.dumps(_redacted(json.loads(text), redactor), indent=1, ensure_ascii=False)


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.all(value)
    if isinstance(value, list):
        return [_redacted(one, redactor) for one in value]
    if isinstance(value, dict):
        return {redactor.all(key): _redacted(one, redactor) for key, one in value.items()}
    return value
