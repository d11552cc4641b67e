"""Keeps the reports of an environment: the last of each suite, each in a file of its own that only its owner reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from toolkit.errors import Problem, UsageError
from toolkit.report import Report
from toolkit.state.files import create
from toolkit.values import Value
from toolkit.writers.json import report_from, write

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 60
"""Reports of one suite on one host: two months of a daily run; one with a minute of figures takes about 100 kB."""
COMPARED = 20
"""So many runs tell what chance does; older ones were of another time."""
_MODE = 0o600
_NAME = re.compile(r"(?P<at>\d{8}T\d{6})(?:-(?P<twin>\d+))?_(?P<suite>[a-z0-9-]+)(?:_(?P<host>[\w.-]+))?")


class Entry(Value):
    """A report that is kept: its id, and what that says of it."""

    id: str
    suite: str
    host: str
    path: Path
    order: tuple[str, int]

    def load(self) -> Report:
        """Return the report. Raises UsageError where its file is none any more."""
        try:
            return report_from(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            step = f"remove it: rm {self.path}"
            raise UsageError(Problem(str(self.path), "this is no report", repr(error), step)) from error


class History(Value):
    """The reports in `directory`, which is made when the first one comes."""

    directory: Path

    def keep(self, report: Report) -> Entry:
        """Write `report`, and remove the oldest of its suite and host beyond those that are kept. Raises OSError."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        entry = self._written(report)
        for old in self.of(report.suite, report.host)[:-KEPT]:
            old.path.unlink(missing_ok=True)
        return entry

    def all(self) -> tuple[Entry, ...]:
        """Return what is kept, the oldest first."""
        found = [entry for path in self.directory.glob("*.json") if (entry := _entry(path)) is not None]
        return tuple(sorted(found, key=lambda entry: entry.order))

    def of(self, suite: str, host: str) -> tuple[Entry, ...]:
        """Return the reports of one suite on one host, the oldest first."""
        return tuple(entry for entry in self.all() if (entry.suite, entry.host) == (suite, host))

    def named(self, name: str, like: Entry | None = None) -> Entry:
        """Return the report of that id, the last one of a suite, or the first one whose id begins so.

        With `like` only those of its suite and host count. Raises UsageError.
        """
        entries = self.of(like.suite, like.host) if like else self.all()
        found = [entry for entry in entries if entry.id == name]
        found = found or [entry for entry in entries if entry.suite == name][-1:]
        found = found or [entry for entry in entries if entry.id.startswith(name)]
        if not found:
            what = f"no report `{name}`" + (f" of {like.suite}" if like else "")
            raise UsageError(Problem("ID", what, "", "`toolkit report list` names all of them"))
        return found[0]

    def _written(self, report: Report) -> Entry:
        at = re.sub(r"[-:]", "", report.started[:19])
        rest = "_".join(part for part in (report.suite, report.host) if part)
        for twin in range(1, 1000):
            path = self.directory / f"{at}{f'-{twin}' if twin > 1 else ''}_{rest}.json"
            entry = _entry(path)
            if entry is None:
                break
            with suppress(FileExistsError):
                create(path, write([report]) + "\n", _MODE)
                return entry
        raise OSError(f"{self.directory}: no name for the report of {report.title}")


def _entry(path: Path) -> Entry | None:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return None
    order = (match["at"], int(match["twin"] or 1))
    return Entry(path.stem, match["suite"], match["host"] or "", path, order)


def loaded(entries: Sequence[Entry], tell: Callable[[str], Any]) -> tuple[Report, ...]:
    """Return the reports of `entries`; what cannot be read any more is told and left out."""
    found = []
    for entry in entries:
        try:
            found.append(entry.load())
        except UsageError as error:
            tell(f"warning: {error}")
    return tuple(found)
