"""Writes docs/proof/health.md: defects of a real stack, and what saw each (`make proof`)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.defects import DEFECTS, Defect
from tests.support.stack import HEALTHY_SOON, Ran, Stack, gone_at_the_end

TABLE = Path(__file__).parents[2] / "docs" / "proof" / "health.md"
HEALTHY_RUNS = 10
_HEAD = """# Defects of a running stack, and what saw them

Written by `make proof` on the whole stack with real servers, commit {commit}: each defect is brought about, the verb is
run, the defect is undone. "red" is the check that had to fail, and did where it says yes.
"""


@dataclass(frozen=True)
class Row:
    """What became of one defect; `line` is the first line of the check that had to fail."""

    defect: Defect
    caught: bool
    line: str
    elapsed_s: float


def red_line(ran: Ran, check: str) -> str:
    """Return what a report says of the check where it fails, "" where it does not."""
    found = [
        one for one in json.loads(ran.out)["findings"] if one["check"] == check and one["status"] == "fail"
    ]
    return f"{found[0]['subject']}: {found[0]['observed']}" if found else ""


def tried(stack: Stack, defect: Defect) -> Row:
    """Bring a defect about, look, and undo it."""
    with defect.inject(stack):
        began = time.monotonic()
        ran = stack.toolkit(*defect.verb, "--output=json", "--quiet", code=None)
    line = red_line(ran, defect.red)
    return Row(
        defect, bool(line) and ran.code == 1, line, time.monotonic() - began if not ran else ran.elapsed_s
    )


def rows(stack: Stack, defects: Sequence[Defect]) -> Iterator[Row]:
    for defect in defects:
        try:
            row = tried(stack, defect)
        except Exception as error:  # noqa: BLE001 - the others are tried all the same
            traceback.print_exc()
            row = Row(defect, False, f"could not be tried: {error}".splitlines()[0], 0.0)
        print(f"{'caught' if row.caught else 'MISSED'}  {defect.name}: {row.line}", flush=True)
        yield row


def healthy(stack: Stack, runs: int) -> list[tuple[str, Ran]]:
    """Run both verbs again and again on a stack that has nothing."""
    words = (("smoke-test",), ("health-check", "--duration=8s"))
    return [
        (verb[0], stack.toolkit(*verb, "--output=json", "--quiet", code=None))
        for _ in range(runs)
        for verb in words
    ]


def text(found: Sequence[Row], good: Sequence[tuple[str, Ran]]) -> str:
    """Return the whole page."""
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True
    )
    lines = ["| class | defect | verb | red | seen | what it says |", "|---" * 6 + "|"]
    lines += [_row(one) for one in found]
    caught = sum(row.caught for row in found)
    lines += ["", f"{caught} of {len(found)} were seen.", "", "## The same stack without a defect", ""]
    lines += ["| verb | runs | green | longest |", "|---" * 4 + "|"]
    for verb in dict.fromkeys(name for name, _ in good):
        ran = [one for name, one in good if name == verb]
        green = sum(one.code == 0 for one in ran)
        lines.append(f"| {verb} | {len(ran)} | {green} | {max(one.elapsed_s for one in ran):.1f} s |")
    return "\n".join([_HEAD.format(commit=commit.stdout.strip()), *lines, ""])


def _row(row: Row) -> str:
    seen = "yes" if row.caught else "**no**"
    line = row.line.replace("|", "/")[:110]
    return f"| {row.defect.kind} | {row.defect.name} | {row.defect.verb[0]} | {row.defect.red} | {seen} | {line} |"


@contextmanager
def stack() -> Iterator[Stack]:
    """Yield the whole stack, warm."""
    many = {"model": "tiny", "flags": {"max_num_seqs": 16}}
    with (
        tempfile.TemporaryDirectory() as place,
        gone_at_the_end(Stack(Path(place), llm_fast=many, vector_db=HEALTHY_SOON)) as running,
    ):
        running.up("--wait=models")
        yield running


def main(words: Sequence[str]) -> None:
    chosen = [d for d in DEFECTS if not words or any(word in (d.kind, d.name) for word in words)]
    with stack() as running:
        good = healthy(running, HEALTHY_RUNS)
        for verb, ran in good:
            print(verb, ran.code, f"{ran.elapsed_s:.1f} s", flush=True)
        found = list(rows(running, chosen))
    TABLE.write_text(text(found, good), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
