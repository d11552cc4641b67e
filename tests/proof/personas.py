"""Writes docs/proof/personas.md: what each persona promises, measured on a stack that was brought up for it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.health_proof import stack
from tests.support.stack import Ran, Stack
from toolkit.cli.benching import PERSONAS
from toolkit.probes.host import cpu_count, memory_mib

_PAGE = Path(__file__).parents[2] / "docs" / "proof" / "personas.md"
_HEAD = """# What the personas promise, measured

Written by `make proof`, commit {commit}, on {cpus} processors and {memory} GiB without a card, all services and the
load on the same machine, with two real vLLM servers and their smallest model: `toolkit up --persona NAME`, then
`toolkit bench --persona NAME`.

| persona | what | seen | target | beside it |
|---|---|---|---|---|
"""


def main() -> None:
    """Measure one persona after the other."""
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True
    )
    with stack() as running:
        rows = [row for persona in PERSONAS for row in _rows(persona, _measured(running, persona))]
    head = _HEAD.format(commit=commit.stdout.strip(), cpus=cpu_count(), memory=memory_mib() // 1024)
    _PAGE.write_text(head + "\n".join([*rows, ""]), encoding="utf-8")


def _measured(running: Stack, persona: str) -> Ran:
    running.up("--wait=models", f"--persona={persona}")
    return running.toolkit("bench", f"--persona={persona}", "--output=json", "--quiet", code=None)


def _rows(persona: str, ran: Ran) -> Iterator[str]:
    for one in ran.json["findings"]:
        seen = one["observed"] if one["status"] == "pass" else f"**{one['status']}** {one['observed']}"
        beside = one["cause"] or "; ".join(one["evidence"])
        print(persona, one["subject"], seen, flush=True)
        yield f"| {persona} | {one['subject']} | {seen} | {one['expected']} | {beside} |"


if __name__ == "__main__":
    main()
