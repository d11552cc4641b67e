"""What `diagnose` writes to files and reads from them: a look, and a bundle of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.cli.options import Common
    from toolkit.recorded import Look
    from toolkit.report import Report

_MODE = 0o600


def replayed(file: Path) -> tuple[Look, ...]:
    """Return the looks that --save has kept. Raises UsageError."""
    from toolkit import recorded
    from toolkit.errors import Problem, UsageError

    try:
        return recorded.read(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Problem(f"--replay {file}", "it cannot be read", str(error))) from error


def save(file: Path, looks: tuple[Look, ...]) -> None:
    """Keep what was seen, for --replay. Raises ActionError."""
    from toolkit import __version__, recorded

    _write("--save", file, (recorded.write(looks, __version__) + "\n").encode())


def bundle(common: Common, file: Path, looks: tuple[Look, ...], reports: Sequence[Report]) -> None:
    """Write the evidence for whoever helps, redacted. Raises ActionError."""
    from toolkit import __version__, recorded
    from toolkit.cli.place import redactor_of
    from toolkit.cli.wiring import Project
    from toolkit.routines.evidence import evidence
    from toolkit.writers import json as json_writer
    from toolkit.writers import text as text_writer

    texts = {
        "report.txt": text_writer.write(reports, verbose=True) + "\n",
        "report.json": json_writer.write(reports),
        "look.json": recorded.write(looks, __version__),
    }
    parts = Project(common).reached()
    for part in parts:
        top = "/".join(word for word in ("rendered", part.plan.part) if word)
        texts |= {f"{top}/{path}": rendered.text for path, rendered in part.bundle.files.items()}
    for look in looks:
        top = "/".join(word for word in ("logs", look.plan.part) if word)
        logs = look.seen.logs if isinstance(look.seen.logs, tuple) else ()
        texts |= {f"{top}/{log.service}.log": "\n".join((*log.lines, "")) for log in logs}
    _write("--bundle", file, evidence(texts, looks[0].seen.taken_at, redactor_of(parts[0])))


def _write(option: str, file: Path, body: bytes) -> None:
    from toolkit.errors import ActionError, Problem
    from toolkit.state.files import replace

    try:
        replace(file, body, _MODE)
    except OSError as error:
        step = "make room or the directory writable, or choose another file"
        raise ActionError(Problem(f"{option} {file}", "it cannot be written", str(error), step)) from error
