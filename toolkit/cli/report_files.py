"""Files that a report is written to as well: the suffix says how; what cannot work is told before anything is done."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import ActionError, Problem, UsageError

FORMATS = {".json": "json", ".xml": "junit", ".md": "markdown", ".html": "html"}
_MODE = 0o644


def report_files(value: list[Path] | None) -> list[Path] | None:
    """Return `value` as it is; the callback of `--report`. Raises UsageError."""
    problems = [problem for path in value or () if (problem := _problem(path)) is not None]
    if problems:
        raise UsageError(*problems)
    return value


def write_file(path: Path, text: str) -> None:
    """Put `text` in the place of `path`, whole or not at all. Raises ActionError."""
    from toolkit.state.files import replace

    try:
        # A report tells of the machine, and whom that concerns the umask says.
        replace(path, text, _MODE & ~_umask())
    except OSError as error:
        step = "make room or the directory writable, or choose another file"
        raise ActionError(Problem(str(path), "the report cannot be written", str(error), step)) from error


def _problem(path: Path) -> Problem | None:
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(f"{suffix} ({name})" for suffix, name in FORMATS.items())
        return Problem(f"--report {path}", "its suffix does not say how to write it", "", f"one of {known}")
    if path.is_dir():
        return Problem(f"--report {path}", "it is a directory", "", "name a file in it")
    if not path.absolute().parent.is_dir():
        return Problem(f"--report {path}", "there is no such directory", "", f"mkdir -p {path.parent}")
    if not os.access(path.absolute().parent, os.W_OK):
        return Problem(
            f"--report {path}", "its directory is not writable for this user", "", "choose another one"
        )
    return None


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def formats_of(paths: Sequence[Path]) -> tuple[tuple[Path, str], ...]:
    """Return each path with the name of its format."""
    return tuple((path, FORMATS[path.suffix.lower()]) for path in paths)
