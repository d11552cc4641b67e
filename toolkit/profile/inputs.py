"""One digest over everything that a loaded, planned and rendered profile comes from."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

USER_FILE = "toolkit.yaml"
MISNAMED = "toolkit.yml"
OWN_TREES = ("compose", "templates")
"""Where a user's own fragments, patches and templates live, beside toolkit.yaml."""
_COMPILED = "__pycache__"


def inputs_digest(
    project_dir: Path, shipped: Iterable[Path], package: Path, said: Mapping[str, Any]
) -> str | None:
    """Return the sha256 (hex) that stays while the same would come out; None where a file cannot be read.

    Counted are toolkit.yaml and the project's own trees by content, as every file of the `shipped` directories; the
    program, as Python itself judges whether what it compiled is still good: by size and time of change of
    each file of `package`; the libraries, by name and version; and `said`, the options and the environment.
    What else is rendered of a project, wherever its profile says, has to be remembered as a source: a test watches it.
    """
    own = (project_dir / name for name in OWN_TREES)
    try:
        counted = {
            "project": str(project_dir),
            "files": {name: _content(project_dir / name) for name in (USER_FILE, MISNAMED)},
            "trees": {str(path): _content(path) for top in (*shipped, *own) for path in _files(top)},
            "program": {str(path): _stamp(path) for path in _files(package) if path.suffix == ".py"},
            "libraries": sorted(_libraries()),
            "python": sys.version,
            "said": said,
        }
    except OSError:
        return None
    return sha256(json.dumps(counted, sort_keys=True, default=str).encode()).hexdigest()


def digests_of(paths: Iterable[Path]) -> dict[str, str]:
    """Return the sha256 (hex) of each file that is there and can be read, by its path."""
    found = {}
    for path in paths:
        with suppress(OSError):
            found[str(path)] = sha256(path.read_bytes()).hexdigest()
    return found


def _files(top: Path) -> Iterator[Path]:
    for directory, below, names in os.walk(top):
        if _COMPILED in below:
            below.remove(_COMPILED)
        yield from (Path(directory, name) for name in names)


def _content(path: Path) -> str | None:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _libraries() -> Iterator[str]:
    for place in filter(os.path.isdir, sys.path):
        yield from (name for name in os.listdir(place) if name.endswith(".dist-info"))  # noqa: PTH208 - names, quickly
