"""Files that hold digests of secrets in place of the secrets: a server that needs no more gets no more."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem
from toolkit.state import files

if TYPE_CHECKING:
    from toolkit.planning.plan import DigestFile
    from toolkit.state.directory import StateDirectory

_OPEN = 0o755
_PLACE = re.compile(r"\{sha256:([a-z0-9-]+)\}")


def write_digest_file(state: StateDirectory, file: DigestFile, digests: Mapping[str, str]) -> None:
    """Write `file` below the state, each `{sha256:NAME}` replaced by the digest of that secret.

    The containers read it as a user of their own, hence 0644; the state's 0700 keeps the host's users out.
    Raises BlockedError when it cannot be written, KeyError for a secret that is not among `digests`.
    """
    text = _filled(file, digests)
    directory = state.root / file.directory
    path = directory / file.name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(_OPEN)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            files.replace(path, text, 0o644)
    except OSError as error:
        step = "free some space, or run as the user that owns the directory"
        raise BlockedError(Problem(str(path), "the file cannot be written", str(error), step)) from error


def stands(state: StateDirectory, file: DigestFile, digests: Mapping[str, str]) -> bool:
    """Return whether `write_digest_file` would change nothing. Raises OSError where that cannot be seen."""
    directory = state.root / file.directory
    text = (directory / file.name).read_text(encoding="utf-8")
    return text == _filled(file, digests) and stat.S_IMODE(directory.stat().st_mode) == _OPEN


def _filled(file: DigestFile, digests: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: digests[match[1]], file.text)
