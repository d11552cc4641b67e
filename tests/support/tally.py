"""Sums up the parts of a test run: `python -m tests.support.tally RESULTS NAME=EXIT_CODE...`.

A part with a report RESULTS/NAME.xml (JUnit) counts by its tests, any other one as a single test. Exit 1 where
anything failed, or where a test on the real engine was skipped.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

MUST_RUN = "tests.engine"


@dataclass(frozen=True)
class Sums:
    """Tests that passed, failed and were skipped; seconds; the names of those that may not be skipped but were."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    elapsed_s: float = 0.0
    refused: tuple[str, ...] = ()

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.elapsed_s + other.elapsed_s,
            self.refused + other.refused,
        )

    def as_text(self) -> str:
        """Return the sums as pytest words them; a test that was wrongly skipped counts as failed."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed + len(self.refused)} failed{skipped} in {self.elapsed_s:.2f}s"


def sums_of(report: Path, code: int) -> Sums:
    """Return the sums of one part, which ended with `code`."""
    if not report.is_file():
        return Sums(passed=int(code == 0), failed=int(code != 0))
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - pytest wrote it a moment ago
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = [case for case in cases if case.find("skipped") is not None]
    refused = tuple(_name(case) for case in skipped if _name(case).startswith(MUST_RUN))
    return Sums(
        passed=len(cases) - failed - len(skipped),
        # What ends with an error although no test failed, such as an empty run, must not pass for a success.
        failed=failed or int(code != 0),
        skipped=len(skipped) - len(refused),
        elapsed_s=sum(float(case.get("time", "0")) for case in cases),
        refused=refused,
    )


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '')}.{case.get('name', '')}"


def main(results: Path, *ends: str) -> int:
    """Print the sums of each part and of all; return the exit code."""
    total = Sums()
    for name, _, code in (end.partition("=") for end in ends):
        report = results / f"{name}.xml"
        part = sums_of(report, int(code))
        single = "passed" if part.passed else "failed"
        print(f"{name:14} {part.as_text() if report.is_file() else single}")
        for test in part.refused:
            print(f"  skipped, but it has to run: {test}")
        total += part
    print(total.as_text())
    return int(bool(total.failed or total.refused))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
