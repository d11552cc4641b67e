"""Breaks a real stack under load in every way that counts, and tells what users saw, what was said, what came back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.breaking_off import broken_off
from tests.support.datastores import rows
from tests.support.engine import docker, execute, inspect, until
from tests.support.load import Load, failures
from tests.support.other_machine import fill
from tests.support.stack import Ran, Stack
from tests.support.under_load import under_load

if TYPE_CHECKING:
    from tests.support.load import Result

KEPT = 5000
_MAKE = """
USE toolkit;
CREATE TABLE IF NOT EXISTS kept_rows (n INT PRIMARY KEY);
INSERT IGNORE INTO kept_rows SELECT seq FROM seq_1_to_5000;
"""
_ALLOCATE = "blocks = []\nwhile True: blocks.append(bytearray(64 << 20))\n"
MY_CNF = "templates/mariadb/my.cnf.j2"
UNTOUCHED = "nothing was changed"
OTHER = "services.mariadb.max_connections=123"


@dataclass(frozen=True)
class Met:
    """One fault: what users saw of it, what the tool said, and how it ended."""

    fault: str
    users: str
    failed: int
    said: str
    repaired: str
    took_s: float
    kept: int

    @property
    def line(self) -> str:
        """A line of the table."""
        cells = (
            self.fault,
            self.users,
            self.said,
            f"{self.repaired}, {self.took_s:.0f} s",
            f"{self.kept}/{KEPT}",
        )
        return "| " + " | ".join(cell.replace("\n", " ").replace("|", "/") for cell in cells) + " |"


def make_rows(stack: Stack) -> None:
    """Have rows whose loss would be seen."""
    rows(stack, _MAKE)


def kept_rows(stack: Stack) -> int:
    """Return how many of them are there."""
    ((count,),) = rows(stack, "SELECT COUNT(*) FROM toolkit.kept_rows")
    return int(count)


def meet(stack: Stack, fault: str, strike: Callable[[Stack], str], repair: Callable[[Stack], Ran]) -> Met:
    """Break `stack` under load of both models; `strike` returns what the tool said, `repair` is one command."""
    loads = [
        Load(stack.url, stack.key(), model, 3, 3, max_tokens=48, extra={"ignore_eos": True})
        for model in ("general", "fast")
    ]

    def act() -> tuple[str, Ran, float]:
        began = time.monotonic()
        return strike(stack), repair(stack), time.monotonic() - began

    results, (said, repaired, took_s) = under_load(loads, act)
    words = " ".join(("toolkit", *repaired.words))
    failed = sum(result.failed for result in results)
    return Met(fault, _users(results), failed, said, f"`{words}`: {repaired.code}", took_s, kept_rows(stack))


def _users(results: list[Result]) -> str:
    unanswered, cut, cut_plain = failures(results)
    failed = len(unanswered) + len(cut) + len(cut_plain)
    lost = f"{len(unanswered)} before an answer began, {len(cut)} streams and {len(cut_plain)} others in it"
    return f"{len(results)} requests, {failed} failed" + (f" ({lost})" if failed else "")


def say(stack: Stack, ran: Ran) -> str:
    """Return the first words of what a run says of its problem, and its exit code."""
    problems = [line.removeprefix("error: ") for line in ran.err.splitlines() if line.startswith("error: ")]
    notes = [line[line.index(UNTOUCHED) :] for line in ran.err.splitlines() if UNTOUCHED in line]
    said = "; ".join([*problems, *notes] or ran.err.strip().splitlines()[-1:])
    return f"exit {ran.code}: {said.replace(f'{stack.directory}/', '')}"


def up(stack: Stack) -> Ran:
    """Bring it up as its profile says; it has to succeed, and every model has to answer by its own server."""
    return stack.toolkit("up", "--wait=models", "--quiet")


def rollback(stack: Stack) -> Ran:
    """Bring back the release before; it has to succeed."""
    return stack.toolkit("rollback", "--wait=models", "--quiet")


def dies_and_returns(kill: Callable[[str], None]) -> Callable[[Stack], str]:
    """Kill something of llm-general, and let the tool tell of it."""

    def strike(stack: Stack) -> str:
        kill(stack.container("llm-general"))
        began = time.monotonic()
        # A server lives on for a moment without the process that computes; what tells of it says so soon.
        until(lambda: stack.toolkit("status", code=None).code == 1, "status tells of it", 30)
        after_s = time.monotonic() - began
        ran = stack.toolkit("status", code=None)
        told = next(line.strip() for line in ran.out.splitlines() if "llm-general" in line)
        return f"after {after_s:.1f} s `status` exit {ran.code}: {' '.join(told.split())}"

    return strike


def kill_engine_process(container: str) -> None:
    """Kill the process that computes: that of vLLM's engine where it has one of its own, else the server."""
    first = inspect(container)["State"]["Pid"]
    every = docker("top", container, "-eo", "pid,args").splitlines()[1:]
    own = [int(line.split()[0]) for line in every if "EngineCore" in line]
    os.kill(own[0] if own else first, signal.SIGKILL)


def kill_for_memory(container: str) -> None:
    """Have the kernel kill the server for the container's memory limit."""
    Path(f"/proc/{inspect(container)['State']['Pid']}/oom_score_adj").write_text("1000")
    execute("docker", "exec", container, "python3", "-c", _ALLOCATE, timeout_s=60)


def changed(*sets: str, words: tuple[str, ...] = (), code: int = 3) -> Callable[[Stack], str]:
    """Try a release with other values, and keep to the former ones after it; it has to end with `code`."""

    def strike(stack: Stack) -> str:
        options = (*words, *(f"--set={one}" for one in sets))
        return say(stack, stack.toolkit("up", "--wait=models", *options, code=code))

    return strike


def bad_my_cnf(stack: Stack) -> str:
    """Try a release whose my.cnf MariaDB refuses."""
    line = stack.toolkit("profile", "override", MY_CNF).out.rpartition("overrides:\n")[2].strip()
    copy = stack.directory / "overrides" / MY_CNF
    copy.write_text(copy.read_text() + "no_such_variable = 1\n")
    try:
        return changed(f'overrides."{MY_CNF}"={line.partition(": ")[2]}')(stack)
    finally:
        copy.unlink()


def full_disk(stack: Stack) -> str:
    """Fill the disk that is published to, try a release, and free it again."""
    full = fill(stack.build.parent)
    try:
        return changed(OTHER)(stack)
    finally:
        full.unlink()


WRONG = (
    "{source: 'hf:no-such-owner/no-such-model', revision: null, licence: none, trust_remote_code: false, "
    "facts: null}"
)


def stopped_at(words: str, after_s: float, end: signal.Signals) -> Callable[[Stack], str]:
    """Begin a release, and end the run `after_s` seconds after it has said `words`."""

    def strike(stack: Stack) -> str:
        ran = broken_off(stack, words, after_s, OTHER, end=end, code=None)
        assert ran.code in {130, -signal.SIGKILL}, (ran.code, ran.err)
        last = ran.err.strip().splitlines()[-1:]
        return f"exit 130: {''.join(last)}" if ran.code == 130 else "nothing: it was killed"

    return strike


def restarted_daemon(stack: Stack) -> str:
    """Restart the engine of the stack's own host, as its init system would; return what is told right after it."""
    assert stack.host is not None
    stack.host.restart_engine()
    ran = stack.toolkit("status", code=None)
    return f"`status` exit {ran.code}: " + ", ".join(
        " ".join(line.split()[:2]) for line in ran.out.splitlines()[1:] if line.startswith("  ")
    )
