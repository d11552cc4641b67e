"""`python -m bench`: measures everything in one run and prints one table; exit 0 whatever the figures are."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.commands import renders, starts, unchanged_ups
from bench.diagnosing import diagnoses
from bench.environments import toolkit_environment, tutor_environment
from bench.errors import BenchError
from bench.latency import added_by_edge, cached_answers
from bench.machine import describe
from bench.plans import plans
from bench.project import Project
from bench.readiness import readiness
from bench.table import table

if TYPE_CHECKING:
    from bench.comparison import Comparison

_PARTS = ("start", "plan", "render", "up", "edge", "ready", "diagnose")
_NOTES = """\
n: timed runs, in turns; p25 to p99: quantiles. Each round makes a figure, of runs that stand side by side.
up --wait=models also fetches one completion of each model through the edge; Compose fetches none.
The edge: same bytes, kept connections, from a container in the network of edge and servers."""


def main() -> int:
    """Run the bench; return 0, or 3 when something could not be measured."""
    arguments = _parser().parse_args()
    # A supervisor's polite end has to take the stack down as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        facts, comparisons = _measure(frozenset(arguments.only or _PARTS))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 3
    facts["duration"] = f"{time.monotonic() - began:.0f} s"
    print("\n".join(f"{name:14} {value}" for name, value in facts.items()))
    print(f"\n{table(comparisons)}\n\n{_NOTES}")
    if arguments.output == "json":
        _write_json(arguments.file, facts, comparisons)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--output", choices=("text", "json"), default="text", help="json: write --file, too")
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part alone; repeatable")
    parser.add_argument("--file", type=Path, default=Path("build/bench.json"), help="default: %(default)s")
    return parser


def _measure(parts: frozenset[str]) -> tuple[dict[str, str], list[Comparison]]:
    _say("the environments of toolkit and peer")
    toolkit, tutor = toolkit_environment(), tutor_environment()
    facts = describe(tutor)
    with TemporaryDirectory(prefix="toolkit-bench-") as scratch:
        home = Path(scratch) / "project"
        home.mkdir()
        project = Project(home, toolkit.command("toolkit"))
        project.write_profile()
        comparisons = []
        if "start" in parts:
            _say("the start of a command")
            comparisons += starts(toolkit)
        if "plan" in parts:
            _say("plan")
            comparisons += plans(project, Path(scratch))
        if "render" in parts:
            _say("render")
            comparisons += renders(project, tutor, Path(scratch))
        if parts & {"up", "edge", "ready", "diagnose"}:
            comparisons += _measure_running(project, facts, parts)
    return facts, comparisons


def _measure_running(project: Project, facts: dict[str, str], parts: frozenset[str]) -> list[Comparison]:
    comparisons = []
    _say("bringing the stack up")
    with project.running() as first_up_s:
        facts["images"] = ", ".join(project.service(name)["image"] for name in ("edge", "llm-general"))
        facts["first up"] = f"{first_up_s:.1f} s, with the images there, without containers and volumes"
        if "up" in parts:
            _say("`up` without a change")
            comparisons += unchanged_ups(project)
        if "edge" in parts:
            _say("the edge")
            comparisons += added_by_edge(project)
            comparisons += cached_answers(project)
        if "diagnose" in parts:
            _say("`diagnose`")
            comparisons += diagnoses(project)
        # Last: it leaves a model that is still loading.
        if "ready" in parts:
            _say("from nothing to an answer")
            comparisons += readiness(project, facts)
        _say("taking the stack down")
    return comparisons


def _write_json(file: Path, facts: dict[str, str], comparisons: list[Comparison]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    body = {"schema": 1, "facts": facts, "comparisons": [comparison.as_json() for comparison in comparisons]}
    file.write_text(json.dumps(body, indent=2) + "\n", "utf-8")
    print(f"bench: wrote {file}", file=sys.stderr)


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
