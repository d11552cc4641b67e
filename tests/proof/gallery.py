"""Writes docs/proof/gallery.md: faults on the real engine, what diagnose says first, and whether its remedy cures."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.support.gallery_model import tiny_model
from tests.support.incidents import Incident, found, incidents, names_cause
from tests.support.injected import Result, try_fault
from tests.support.injected_list import ALL

_DOC = Path(__file__).parents[2] / "docs/proof/gallery.md"
# What no machine without a card can show: read from recorded lines and states of a driver.
_RECORDED = ("vllm", "nvidia")


def main() -> int:
    """Run all faults, or those whose name has a word of the command line in it."""
    wanted = [fault for fault in ALL if not sys.argv[1:] or any(word in fault.name for word in sys.argv[1:])]
    results = []
    for fault in wanted:
        directory = Path(tempfile.mkdtemp(prefix="gallery-"))
        try:
            if fault.service.startswith("llm"):
                tiny_model(directory)
            result = try_fault(fault, directory)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        results.append(result)
        print(
            f"{'ok' if result.named and result.cured else 'NOT'}  {fault.name}: {result.first}; cured {result.cured}"
        )
        if result.detail:
            print("    ", result.detail)
    if not sys.argv[1:]:
        _DOC.write_text(_table(results))
    bad = [one for one in results if not (one.named and one.cured)]
    print(f"{len(results) - len(bad)} of {len(results)} named and cured")
    return 1 if bad else 0


def _table(results: Iterable[Result]) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    rows = [
        f"| {one.fault.name} | {one.first}: {one.cause.partition(':')[0]} | {_yes(one.named)} | {_yes(one.cured)} |"
        for one in results
    ]
    recorded = [
        one
        for one in incidents()
        if one.told["area"] in _RECORDED and not one.told["reproducible_without_gpu"]
    ]
    more = [f"| {one.id} | {_recorded_first(one)} | {_yes(not _lacks(one))} | recorded |" for one in recorded]
    return _HEAD.format(commit=commit, count=len(rows)) + "\n".join(rows) + _MORE + "\n".join(more) + "\n"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "**no**"


def _recorded_first(incident: Incident) -> str:
    first = found(incident)[0]
    return f"{first.check}: {first.cause.partition(':')[0]}"


def _lacks(incident: Incident) -> str:
    return names_cause(found(incident)[0], incident.expected)


_HEAD = """# Faults, first findings, cures

`make proof` injects each fault into a real container of a service, asks `toolkit diagnose`, carries the remedy of the
first finding out, and looks whether the server runs then. Commit {commit}, {count} faults, Docker Engine 20.10.

| fault | first finding | true cause | cured |
|---|---|---|---|
"""
_MORE = """

Faults of cards, by recorded lines and states of a driver (no cure can be tried without a card):

| incident | first finding | true cause | |
|---|---|---|---|
"""

if __name__ == "__main__":
    sys.exit(main())
