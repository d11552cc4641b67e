"""A small load: N plain and M streamed clients at once, one typed result for each request that they made."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Result:
    """One request: times are `time.monotonic()` seconds or seconds since `began_at`.

    `error` is the class of the exception that ended it, None where an answer came to its end; `events` counts
    the lines `data:` of a stream. A request fails when it has an error or a status other than 200.
    """

    streamed: bool
    began_at: float
    status: int | None = None
    served_by: str | None = None
    first_byte_s: float | None = None
    elapsed_s: float = 0.0
    events: int = 0
    error: str | None = None
    text: str = ""

    @property
    def failed(self) -> bool:
        return self.error is not None or self.status != 200

    @property
    def had_begun(self) -> bool:
        """Whether the client had seen the head of an answer: nobody can take such a one over."""
        return self.status == 200

    @property
    def ended_at(self) -> float:
        return self.began_at + self.elapsed_s


@dataclass(frozen=True)
class Load:
    """What is asked: `plain` + `streamed` clients, each until `stop` is set or `requests` are made."""

    url: str
    key: str
    model: str = "general"
    plain: int = 1
    streamed: int = 0
    requests: int | None = None
    max_tokens: int = 16
    extra: dict[str, Any] = field(default_factory=dict)
    timeout_s: float = 100.0
    varied: bool = False
    """Whether each request asks something else."""

    def body(self, streamed: bool) -> dict[str, Any]:
        asked = {"model": self.model, "messages": [{"role": "user", "content": "hello"}]}
        varied = {"user": str(next(_NUMBERS))} if self.varied else {}
        return {**asked, "stream": streamed, "max_tokens": self.max_tokens, **self.extra, **varied}


async def run_load(
    load: Load, stop: asyncio.Event | None = None, seen: list[Result] | None = None
) -> list[Result]:
    """Return the results of all clients, in the order in which the requests began.

    Each client has a connection of its own, as separate users have. Give `requests` or `stop`; `seen` gets
    each result as it comes, for whoever decides when to stop.
    """
    if load.requests is None and stop is None:
        raise ValueError("a load without an end: give `requests` or `stop`")
    kinds = [False] * load.plain + [True] * load.streamed
    made: list[Result] = [] if seen is None else seen
    await asyncio.gather(*(_client(load, kind, stop, made) for kind in kinds))
    return sorted(made, key=lambda result: result.began_at)


@cache
def _tls() -> ssl.SSLContext:
    # One for all clients: each of its own would take 30 ms, and the load a second to begin.
    return ssl.create_default_context()


async def _client(load: Load, streamed: bool, stop: asyncio.Event | None, made: list[Result]) -> None:
    headers = {"Authorization": f"Bearer {load.key}"}
    options: dict[str, Any] = {"headers": headers, "timeout": load.timeout_s, "verify": _tls()}
    own = 0
    async with httpx.AsyncClient(base_url=load.url, **options) as client:
        while not (stop and stop.is_set()) and (load.requests is None or own < load.requests):
            made.append(await _one(client, load, streamed))
            own += 1


async def _one(client: httpx.AsyncClient, load: Load, streamed: bool) -> Result:
    seen: dict[str, Any] = {"streamed": streamed, "began_at": time.monotonic()}
    try:
        async with client.stream("POST", "/v1/chat/completions", json=load.body(streamed)) as answer:
            seen |= {"status": answer.status_code, "served_by": answer.headers.get("x-served-by")}
            await _read(answer, seen)
    except httpx.HTTPError as error:
        seen["error"] = type(error).__name__
    return Result(**seen, elapsed_s=time.monotonic() - seen["began_at"])


async def _read(answer: httpx.Response, seen: dict[str, Any]) -> None:
    lines = []
    async for line in answer.aiter_lines():
        seen.setdefault("first_byte_s", time.monotonic() - seen["began_at"])
        seen["events"] = seen.get("events", 0) + line.startswith("data:")
        lines.append(line)
    seen["text"] = "\n".join(lines[-3:])
    if seen["streamed"] and answer.status_code == 200 and "data: [DONE]" not in lines[-3:]:
        seen["error"] = "StreamCut"


def failures(results: list[Result]) -> tuple[list[Result], list[Result], list[Result]]:
    """Return the failed ones: those without an answer, streams that were cut, plain answers that were cut."""
    failed = [result for result in results if result.failed]
    unanswered = [result for result in failed if not result.had_begun]
    begun = [result for result in failed if result.had_begun]
    return unanswered, [r for r in begun if r.streamed], [r for r in begun if not r.streamed]
