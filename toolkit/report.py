"""What a suite found, its verdict and its exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from toolkit.changes import Changes
from toolkit.checking import Finding, Status
from toolkit.errors import EXIT_OK, ActionError, BlockedError
from toolkit.facts import Series

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one suite on one environment; `started` is ISO 8601 in UTC, `elapsed_s` seconds."""

    suite: str
    environment: str
    started: str
    elapsed_s: float
    findings: tuple[Finding, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    strict: bool = False
    series: tuple[Series, ...] = ()
    """What was watched over time, for whoever draws it."""
    host: str = ""
    """The host that was looked at, "" where the profile has but one."""
    changes: Changes | None = None
    """What differs from the run before, where one is known."""

    @property
    def verdict(self) -> Status:
        """The worst status: FAIL beats ERROR, which beats WARN; with `strict` a warning fails.

        What was skipped says nothing, unless it is all that there is.
        """
        said = {one.status for one in self.findings}
        worst = max(said - {Status.SKIP} or said, key=list(Status).index, default=Status.PASS)
        return Status.FAIL if self.strict and worst is Status.WARN else worst

    def failed(self, finding: Finding) -> bool:
        """Return whether `finding` is one that ends the verb with 1: FAIL, and with `strict` WARN."""
        return finding.status is Status.FAIL or (self.strict and finding.status is Status.WARN)

    @property
    def title(self) -> str:
        """What was asked of what: suite, environment, and the host where there are several."""
        return " ".join(part for part in (self.suite, self.environment, self.host) if part)

    @property
    def exit_code(self) -> int:
        """0 done, 1 something was found, 3 could not look."""
        codes = {Status.FAIL: BlockedError.exit_code, Status.ERROR: ActionError.exit_code}
        return codes.get(self.verdict, EXIT_OK)


def worst_exit_code(reports: Iterable[Report]) -> int:
    """Return the exit code of several reports together: what was found beats what could not be looked at."""
    codes = {report.exit_code for report in reports}
    return next((code for code in (BlockedError.exit_code, ActionError.exit_code) if code in codes), EXIT_OK)
