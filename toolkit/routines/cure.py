"""A finding cured by a change of the profile: shown, asked for, brought up, looked at again, undone if no help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from toolkit.errors import ActionError, Problem, ToolkitError
from toolkit.findings import Change, Finding, Status
from toolkit.profile.edit import with_value
from toolkit.state import files

_BAD = frozenset({Status.WARN, Status.FAIL, Status.ERROR})
_NEW_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a cure ended: whether the finding is gone, which changes stay in the profile, and why."""

    helped: bool
    changes: tuple[Change, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Cure:
    """What a cure takes.

    `valid` raises ToolkitError for changes that the profile does not take; `ask` is shown a diff and says whether to go
    on; `deploy` brings up what differs, and raises ToolkitError; `look` returns what the check finds by now.
    """

    profile: Path
    valid: Callable[[Sequence[Change]], None]
    ask: Callable[[str], bool]
    deploy: Callable[[], None]
    look: Callable[[], Sequence[Finding]]
    tell: Callable[[str], None]

    def cure(self, finding: Finding) -> Outcome:
        """Apply the changes of `finding`, one step after another where each look names a further one.

        What did not help is taken back, and so is what was begun when something unforeseen ends it.
        Raises ToolkitError where the profile cannot be read, changed or written.
        """
        before, tried = self._text(), list[Change]()
        while steps := [one for one in finding.changes if one not in tried]:
            tried += steps
            if not self._agreed(steps, tried):
                return (
                    self._undone(before, "not wanted") if tried != steps else Outcome(False, (), "not wanted")
                )
            failure = self._brought_up(before)
            found = [one for one in self.look() if one.key == finding.key and one.status in _BAD]
            if not found and not failure:
                return Outcome(True, tuple(tried), f"{finding.key} is gone")
            why = failure or f"{found[0].subject}: {found[0].observed}"
            self.tell(f"it did not help yet: {why}")
            finding = found[0] if found else Finding(finding.subject, Status.FAIL, why, check=finding.check)
        return self._undone(before, f"it did not help: {finding.observed}")

    def _agreed(self, steps: Sequence[Change], tried: Sequence[Change]) -> bool:
        """Show what would change in the file, and write it where that is wanted."""
        self.valid(tried)
        now = self._text() or ""
        text = now
        for step in steps:
            text = with_value(text, step.key, step.value, self.profile.name)
        lines = unified_diff(
            now.splitlines(), text.splitlines(), self.profile.name, self.profile.name, "", "", 2, ""
        )
        if not self.ask("\n".join(lines)):
            return False
        self._write(text)
        return True

    def _brought_up(self, before: str | None) -> str:
        """Bring up what differs; return why that failed, "" where it did not."""
        try:
            self.deploy()
        except ToolkitError as error:
            return "; ".join(f"{problem.where}: {problem.what}" for problem in error.problems)
        except BaseException:
            self._restore(before)
            raise
        return ""

    def _undone(self, before: str | None, why: str) -> Outcome:
        self._restore(before)
        self.tell(f"{self.profile.name} is as it was; bringing that up again")
        try:
            self.deploy()
        except ToolkitError as error:
            # It failed before as well, or there would have been nothing to cure.
            self.tell("; ".join(f"{problem.where}: {problem.what}" for problem in error.problems))
        return Outcome(False, (), why)

    def _text(self) -> str | None:
        try:
            return self.profile.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ActionError(Problem(str(self.profile), "it cannot be read", str(error))) from error

    def _write(self, text: str) -> None:
        mode = self.profile.stat().st_mode & 0o777 if self.profile.exists() else _NEW_FILE_MODE
        try:
            files.replace(self.profile, text, mode)
        except OSError as error:
            step = "make room, or its directory writable for this user"
            raise ActionError(Problem(str(self.profile), "it cannot be written", str(error), step)) from error

    def _restore(self, before: str | None) -> None:
        if before is None:
            self.profile.unlink(missing_ok=True)
        else:
            self._write(before)
