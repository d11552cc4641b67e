"""From nothing to an answer: `up` against Compose's own on the same files, and the first request after it.

Nothing means no container and no volume; images, secrets and the generated model are there on both sides.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.comparison import Comparison, Series, ratio
from bench.errors import BenchError
from bench.new_client import post_once
from bench.timing import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.project import Project

_ROUNDS = 5
_NEXT = 50
# The first request comes to a stack at rest. So does each of these; without a pause the processors are still awake.
_PAUSE_S = 0.2
_LIMIT_S = 300.0
_EVERY_S = 0.1
_OWN = {"general": "llm-general", "fast": "llm-fast"}


@dataclass(slots=True)
class _Side:
    """The times of one way: until it is ready, its first request, and the medians of those after it.

    `paused` is asked with pauses, `after` without.
    """

    name: str
    ready: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def series(self) -> Series:
        return Series(self.name, tuple(self.ready))

    def first_request(self, goal: float | None) -> list[Comparison]:
        """Return the first request against those after it: each after a pause, and one after the other."""
        first = Series(f"first request after {self.name}", tuple(self.first))
        paused = Series(f"the next {_NEXT}, each after {_PAUSE_S} s, median", tuple(self.paused))
        after = Series(f"the next {_NEXT} without a pause, median", tuple(self.after))
        return [ratio(first, paused, goal), ratio(first, after, goal)]


def readiness(project: Project, facts: dict[str, str]) -> list[Comparison]:
    """Compare times from nothing to an answer of each model by its own server, and first requests.

    Both ways load the models one after the other: the files say so. What `up` spends on what goes to `facts`.
    """
    ours, peer = _Side("toolkit up --wait=models"), _Side("docker compose up -d --wait, and asking")
    serving = _Side("toolkit up --wait=edge, and asking")
    phases: list[Mapping[str, float]] = []
    for number in range(_ROUNDS):
        for side in (ours, peer) if number % 2 == 0 else (peer, ours):
            _nothing(project)
            if side is ours:
                phases.append(_ours(project, side))
            else:
                _peer(project, side)
        _nothing(project)
        _serving(project, serving)
    facts["phases of up"] = _phases(phases)
    return [
        ratio(ours.series(), peer.series(), 1.05),
        ratio(serving.series(), peer.series(), None),
        *ours.first_request(1.3),
        *peer.first_request(None),
    ]


def _nothing(project: Project) -> None:
    run(("docker", "compose", "--file", str(project.compose_file), "down", "--volumes"))


def _ours(project: Project, side: _Side) -> Mapping[str, float]:
    began = time.perf_counter()
    said: dict[str, Any] = json.loads(
        run(project.toolkit("up", "--wait=models", "--output=json"), timeout_s=_LIMIT_S)
    )
    side.ready.append(time.perf_counter() - began)
    _first(project, side, _answered(project, "general"))
    phases: Mapping[str, float] = said["phases_s"]
    return phases


def _peer(project: Project, side: _Side) -> None:
    began = time.perf_counter()
    run(("docker", "compose", "--file", str(project.compose_file), "up", "-d", "--wait"), timeout_s=_LIMIT_S)
    first_s = _until_answered(project, "general", _OWN["general"])
    _until_answered(project, "fast", _OWN["fast"])
    side.ready.append(time.perf_counter() - began)
    _first(project, side, first_s)


def _serving(project: Project, side: _Side) -> None:
    """Until both names are answered, by whichever server: as development's default is meant."""
    began = time.perf_counter()
    run(project.toolkit("up", "--wait=edge"), timeout_s=_LIMIT_S)
    for model in _OWN:
        _until_answered(project, model, "")
    side.ready.append(time.perf_counter() - began)


def _until_answered(project: Project, model: str, server: str) -> float:
    """Return the seconds of the first request that `server` answers, any without a name."""
    end = time.monotonic() + _LIMIT_S
    while time.monotonic() < end:
        seconds, status, served_by = _ask(project, model)
        if status == 200 and server in {served_by, ""}:
            return seconds
        time.sleep(_EVERY_S)
    raise BenchError(f"no answer of {model} within {_LIMIT_S:.0f} s")


def _first(project: Project, side: _Side, first_s: float) -> None:
    side.first.append(first_s)
    side.paused.append(_next(project, _PAUSE_S))
    side.after.append(_next(project, 0.0))


def _next(project: Project, pause_s: float) -> float:
    found = []
    for _ in range(_NEXT):
        time.sleep(pause_s)
        found.append(_answered(project, "general"))
    return median(found)


def _answered(project: Project, model: str) -> float:
    """Return the seconds of an answer. Raises BenchError for any other: an error may be faster than an answer."""
    seconds, status, _ = _ask(project, model)
    if status != 200:
        raise BenchError(f"HTTP {status} of {model} instead of an answer")
    return seconds


def _ask(project: Project, model: str) -> tuple[float, int, str]:
    """Return seconds, status and server of a short answer to a question that no cache has."""
    messages = [{"role": "user", "content": f"Say it, {time.monotonic_ns()}"}]
    body = json.dumps({"model": model, "messages": messages, "max_tokens": 16})
    url = f"http://127.0.0.1:{project.port}/v1/chat/completions"
    return post_once(url, project.key(), body, _LIMIT_S)


def _phases(found: list[Mapping[str, float]]) -> str:
    means = {name: median(one.get(name, 0.0) for one in found) for name in found[0]}
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in means.items() if seconds >= 0.05)
