"""Drives the light path with wrk: a throw-away container in the edge's own network, so that nothing is in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.engine.wrk_scripts import COUNTING, DRAWN, MARK, MODELS
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner

PORT = 8080
"""Where the edge listens in its container."""
_GRACE_S = 20.0
# What is asked comes by standard input: arguments can be read by every user of the machine, and it has the key.
_SHELL = "cat > /tmp/ask.lua && exec wrk -s /tmp/ask.lua {words} http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class WrkResult:
    """What wrk saw: answers, those of a status of 400 or more, requests without an answer; seconds and percentiles."""

    requests: int
    elapsed_s: float
    unanswered: int
    refused: int
    hits: int
    seen: int
    p50_s: float
    p95_s: float
    p99_s: float

    @property
    def per_s(self) -> float:
        """Answers in a second."""
        return self.requests / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def failed(self) -> int:
        """Requests that were refused or never answered."""
        return self.refused + self.unanswered


@dataclass(frozen=True, slots=True)
class Wrk:
    """wrk beside one edge container; raises EngineError where it gives no result."""

    runner: Runner
    image: str
    edge: str

    def models(self, key: str, users: int, seconds: int, deadline: Deadline) -> WrkResult:
        """Have `users` ask for the list of models, each again as soon as it was answered.

        Percentiles are wrk's own, with what users at a steady rate would have waited: none looks better for a stall.
        """
        return self._run(MODELS % {"key": key}, users, 2 if users > 1 else 1, seconds, deadline)

    def drawn(  # noqa: PLR0913 - what a draw is made of
        self,
        key: str,
        model: str,
        mark: str,
        draws: int,
        users: int,
        most_s: int,
        deadline: Deadline,
        keys: int = 10_000,
        exponent: float = 1.1,
    ) -> WrkResult:
        """Ask `draws` questions out of `keys`, drawn by Zipf's law; with a new `mark` nobody asked them before."""
        share = {"most": draws // users, "threads": users, "keys": keys, "exponent": exponent}
        script = DRAWN % {**share, "key": key, "model": model, "mark": mark}
        return self._run(script, users, users, most_s, deadline)

    def _run(self, script: str, users: int, threads: int, seconds: int, deadline: Deadline) -> WrkResult:
        words = f"-t {threads} -c {users} -d {seconds}s --timeout 10s"
        once = argv.ThrowAway(
            self.image,
            ("-c", _SHELL.format(words=words, port=PORT)),
            entrypoint="sh",
            network=f"container:{self.edge}",
            flags=("--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp:mode=1777,size=1m"),  # noqa: S108
        )
        within = deadline.within(seconds + _GRACE_S)
        done = self.runner.run(argv.run(once), stdin=COUNTING + script, deadline=within)
        line = next((one for one in done.stdout.splitlines() if one.startswith(MARK)), "")
        if not line:
            said = (done.stderr or done.stdout).strip()[-400:] or "it said nothing"
            raise EngineError(Problem("wrk", "it gave no result", said, "toolkit images build wrk"))
        return WrkResult(**json.loads(line.removeprefix(MARK)))
