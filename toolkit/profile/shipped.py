"""The shipped files that a user may replace: templates of configurations, and fragments of services."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from toolkit.profile.nearest import nearest
from toolkit.profile.tree import Fault, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def shipped_files(templates_dir: Path, compose_dir: Path) -> dict[str, Path]:
    """Return each replaceable file by the path that `overrides:` names it by: `templates/redis/redis.conf.j2`.

    A template directly in `templates_dir` belongs to the toolkit itself and is not among them.
    """
    templates = sorted(templates_dir.glob("*/**/*.j2"))
    found = {f"templates/{file.relative_to(templates_dir).as_posix()}": file for file in templates}
    return found | {f"compose/{file.name}": file for file in sorted(compose_dir.glob("*.yaml"))}


def short_digest(content: bytes) -> str:
    """Return the first 12 hex digits of the sha256 of a file's content."""
    return hashlib.sha256(content).hexdigest()[:12]


def not_shipped(path: str, origin: Origin, shipped: Mapping[str, Path]) -> Fault:
    """Return the fault of a path that names no shipped file; it proposes the nearest one, by path or by file name."""
    by_name = {known.rpartition("/")[2].removesuffix(".j2"): known for known in shipped}
    name = nearest(path.rpartition("/")[2].removesuffix(".j2"), tuple(by_name))
    close = nearest(path, tuple(shipped)) or (by_name[name] if name else None)
    hint = f"did you mean `{close}`? " if close else ""
    return Fault(origin, f"no file `{path}` is shipped", "", f"{hint}known: {', '.join(shipped)}")
