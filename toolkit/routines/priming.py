"""What is asked once beside the models: a connection to each data store, and usual prompts for the response cache."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.engine.databases import CLIENTS, Database
from toolkit.errors import Problem, ProfileError, ToolkitError
from toolkit.probes.http import Answer
from toolkit.probes.side_by_side import LateError, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from toolkit.engine.compose import ComposeEngine
    from toolkit.probes.http import Endpoint
    from toolkit.state.keys import Key

_REACH_S = 20.0
# What a client that is late may need to be ended.
_ENDING_S = 2.0
_ASK_S = 300.0
# The health check's own user, who can do nothing else and whose password is no secret.
_PING = ("redis-cli", "--user", "health", "--pass", "health", "--no-auth-warning", "ping")
_PATHS = {"messages": "/v1/chat/completions", "prompt": "/v1/completions", "input": "/v1/embeddings"}


@dataclass(frozen=True, slots=True)
class Reached:
    """A data store, how long its first answer took, and why there was none."""

    service: str
    elapsed_s: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Primed:
    """Usual prompts by what became of them: `kept` and `held` answers are in the cache, `passed` ones never will be."""

    kept: int = 0
    held: int = 0
    passed: int = 0
    failed: int = 0
    elapsed_s: float = 0.0
    reasons: Sequence[str] = field(default=())


def usual_prompts(file: Path) -> list[tuple[str, bytes]]:
    """Return path and body of each request in `file`, a JSON object a line; the body as it stands there.

    Raises ProfileError where the file cannot be read, or a line is no request.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        step = "write it, or take `warmup.prompts` out of toolkit.yaml"
        raise ProfileError(Problem(str(file), "usual prompts cannot be read", str(error), step)) from error
    return [_request(f"{file}:{n}", line.strip()) for n, line in enumerate(lines, 1) if line.strip()]


def _request(where: str, line: bytes) -> tuple[str, bytes]:
    try:
        body = json.loads(line)
        return next(path for key, path in _PATHS.items() if key in body and "model" in body), line
    except (ValueError, TypeError, StopIteration):
        step = 'such as {"model": "general", "temperature": 0, "messages": [{"role": "user", "content": "Hello"}]}'
        said = line[:80].decode("utf-8", "replace")
        raise ProfileError(Problem(where, "this is no request body", said, step)) from None


def reach_stores(engine: ComposeEngine, services: Iterable[str], clock: Clock) -> tuple[Reached, ...]:
    """Make one connection to each of the data stores among `services`, side by side; ask each for something small."""
    calls = {name: partial(_reach, engine, name, clock) for name in services if name in {*CLIENTS, "redis"}}
    found = side_by_side(calls, Deadline.after(_REACH_S + _ENDING_S, clock))
    return tuple(_reached(name, one) for name, one in found.items())


def _reached(service: str, found: Reached | Exception) -> Reached:
    if isinstance(found, LateError):
        return Reached(service, _REACH_S + _ENDING_S, str(found))
    if isinstance(found, Exception):
        raise found
    return found


def _reach(engine: ComposeEngine, service: str, clock: Clock) -> Reached:
    began, deadline, reason = clock.monotonic(), Deadline.after(_REACH_S, clock), ""
    try:
        if service == "redis":
            done = engine.exec(service, _PING, deadline=deadline)
            reason = "" if done.stdout.strip() == "PONG" else (done.stdout or done.stderr).strip()
        else:
            Database(engine, service).rows("SELECT 1;", deadline)
    except ToolkitError as error:
        reason = error.problems[0].what
    return Reached(service, round(clock.monotonic() - began, 3), reason)


def prime(
    edge: Callable[[str], Endpoint], keys: Iterable[Key], prompts: Sequence[tuple[str, bytes]], clock: Clock
) -> Primed:
    """Ask every prompt once with every key: each key has answers of its own in the cache.

    `edge` returns the edge as it is asked with a key.
    """
    began, deadline = clock.monotonic(), Deadline.after(_ASK_S, clock)
    counted: Counter[str] = Counter()
    reasons: list[str] = []
    for key in keys:
        endpoint = edge(key.file.read_text(encoding="utf-8"))
        for path, body in prompts:
            answer = endpoint.post(path, body, deadline)
            if isinstance(answer, Answer) and answer.status == 200:
                counted[_became(answer.headers)] += 1
            else:
                counted["failed"] += 1
                said = f"HTTP {answer.status}" if isinstance(answer, Answer) else answer.reason
                reasons.append(f"{said}: {body[:80].decode('utf-8', 'replace')}")
    return Primed(**counted, elapsed_s=round(clock.monotonic() - began, 3), reasons=reasons[:3])


def _became(headers: Mapping[str, str]) -> str:
    return {"MISS": "kept", "EXPIRED": "kept", "HIT": "held"}.get(headers.get("x-cache", ""), "passed")
