"""Sums up the parts of a test run: `python -m tests.support.tally RESULTS NAME=EXIT_CODE...`.

A part with a report RESULTS/NAME.xml (JUnit) counts by its tests, any other one as a single test. What failed in a part
NAME counts by its second try, where there is a part NAME-again. Exit 1 where anything failed, or where a test on the
real engine or of the lab was skipped. `--few REPORT` prints the ids of the tests that failed, a line each, and exits 0
where they are so few that a second try makes sense.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from toolkit.values import replace

MUST_RUN = ("tests.engine", "tests.lab")
AGAIN = "-again"
FEW = 5


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
    root = ET.parse(report).getroot()  # noqa: S314 - pytest wrote it a moment ago
    cases = list(root.iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = [case for case in cases if case.find("skipped") is not None]
    refused = tuple(_name(case) for case in skipped if _name(case).startswith(MUST_RUN))
    return Sums(
        passed=len(cases) - failed - len(skipped),
        # What ends with an error although no test failed, such as an empty run, must not pass for a success.
        failed=failed or int(code != 0),
        skipped=len(skipped) - len(refused),
        # Of two workers both are at work at the same time.
        elapsed_s=sum(float(suite.get("time", "0")) for suite in root.iter("testsuite")),
        refused=refused,
    )


def failed_tests(report: Path) -> set[str]:
    """Return the names of the tests that failed or broke in a report."""
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - as above
    return {_name(c) for c in cases if c.find("failure") is not None or c.find("error") is not None}


def after_second_try(first: Sums, report: Path, again: Path) -> tuple[Sums, tuple[str, ...]]:
    """Return the sums with what passed at the second try, and the names of those tests."""
    tried = {_name(case) for case in ET.parse(again).getroot().iter("testcase")}  # noqa: S314 - as above
    passed = (failed_tests(report) & tried) - failed_tests(again)
    moved = replace(first, passed=first.passed + len(passed), failed=first.failed - len(passed))
    return moved, tuple(sorted(passed))


def few_failed(report: Path) -> bool:
    """Return whether something failed, but not so much that it is the machine or all of the change."""
    return report.is_file() and 0 < len(failed_tests(report)) <= FEW


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '')}.{_bare(case.get('name', ''))}"


def _bare(name: str) -> str:
    """Return a test's name without the group that xdist adds behind an @, which may also stand among the parameters."""
    bare, at, group = name.rpartition("@")
    return bare if at and "]" not in group else name


def node_id(name: str) -> str:
    """Return the id by which pytest is asked for a test of that name; tests here are functions of modules."""
    # A parameter may have dots, a function has none.
    module, _, function = name.partition("[")[0].rpartition(".")
    return f"{module.replace('.', '/')}.py::{function}{name[len(module) + 1 + len(function) :]}"


def main(results: Path, *ends: str) -> int:
    """Print the sums of each part and of all; return the exit code."""
    total = Sums()
    for name, _, code in (end.partition("=") for end in ends):
        if name.endswith(AGAIN):
            continue
        report, again = results / f"{name}.xml", results / f"{name}{AGAIN}.xml"
        part, late = sums_of(report, int(code)), ()  # type: tuple[Sums, tuple[str, ...]]
        if report.is_file() and again.is_file():
            part, late = after_second_try(part, report, again)
        single = "passed" if part.passed else "failed"
        print(f"{name:14} {part.as_text() if report.is_file() else single}")
        for test in part.refused:
            print(f"  skipped, but it has to run: {test}")
        for test in late:
            print(f"  passed only at the second try: {test}")
        for test in sorted(failed_tests(report) - set(late)) if report.is_file() else ():
            print(f"  failed: {test}")
        total += part
    print(total.as_text())
    return int(bool(total.failed or total.refused))


if __name__ == "__main__":
    if sys.argv[1] == "--few":
        if not few_failed(Path(sys.argv[2])):
            sys.exit(1)
        print("\n".join(map(node_id, sorted(failed_tests(Path(sys.argv[2]))))))
        sys.exit(0)
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
