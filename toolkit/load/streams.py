"""Requests in closed and open loops, streamed or not, up to 64 at once, all in one thread."""

from __future__ import annotations

import asyncio
import itertools
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx

from toolkit.load.events import Reader
from toolkit.load.sample import Measured, Sample
from toolkit.trust import trusting
from toolkit.values import replace

MOST_AT_ONCE = 64
CHAT = "/v1/chat/completions"
# All in the same moment would wait for each other in the client.
_APART_S = 0.005
_CLASSES: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectError, "connect"),
    (httpx.ConnectTimeout, "connect"),
    (httpx.TimeoutException, "timeout"),
    (httpx.RemoteProtocolError, "cut"),
    (httpx.ReadError, "cut"),
    (httpx.HTTPError, "broken"),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: a body makes it a POST; one with `stream` is read event by event."""

    path: str = CHAT
    body: Mapping[str, object] | None = None
    key: str | None = None
    """Another key than the load's, "" for none."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of `url`, how many at once, and until when; `asks` is consumed from its beginning.

    Without `rate_per_s` it is a closed loop: each of `streams` asks again as soon as it was answered. With it an open
    one: requests begin at that rate (`poisson`: at random intervals of that mean, from `seed`), whatever became of
    those before; `streams` is then how many can be under way. The first `warm_up` requests do not count. It ends after
    `requests` or `duration_s`; who has waited for `late_s` by then counts as unanswered, later ones not at all.
    """

    url: str
    key: str
    asks: Iterator[Ask]
    streams: int = 1
    requests: int | None = None
    duration_s: float | None = None
    rate_per_s: float | None = None
    poisson: bool = False
    warm_up: int = 0
    timeout_s: float = 100.0
    late_s: float = 5.0
    seed: int = 0
    keep: frozenset[str] = field(default_factory=frozenset)
    """Names of headers, in small letters, that the samples keep."""
    trust: Path | None = None
    """The server's certificate where `url` is https and it is ours; None for the authorities of the system."""

    def __post_init__(self) -> None:
        """Raise ValueError for a load without an end, or of more streams than are measured rightly."""
        if self.requests is None and self.duration_s is None:
            raise ValueError("a load without an end: give `requests` or `duration_s`")
        if not 1 <= self.streams <= MOST_AT_ONCE:
            raise ValueError(f"1 to {MOST_AT_ONCE} streams, not {self.streams}")


OnSample = Callable[[Sample], None]


def run_load(
    load: Load, on_sample: OnSample | None = None, stop: Callable[[], bool] | None = None
) -> Measured:
    """Run the load to its end and return what counts; `on_sample` gets each sample as it comes.

    It ends at once when `stop` says so, asked ten times a second.
    """
    return asyncio.run(_run(load, on_sample or (lambda _: None), stop))


async def _run(load: Load, on_sample: OnSample, stop: Callable[[], bool] | None) -> Measured:
    async with _users(load) as users:
        if load.warm_up:
            warm = replace(load, requests=load.warm_up, duration_s=None, rate_per_s=None, warm_up=0)
            await _Run(warm, users, lambda _: None, stop).samples()
        run = _Run(load, users, on_sample, stop)
        busy = time.process_time()
        samples = await run.samples()
        elapsed_s = max(run.now(), 1e-9)
        return Measured(samples, elapsed_s, (time.process_time() - busy) / elapsed_s)


@cache
def _tls(trust: Path | None) -> ssl.SSLContext:
    # One for all: each of its own would take 30 ms.
    return ssl.create_default_context() if trust is None else trusting(trust)


@asynccontextmanager
async def _users(load: Load) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Each stream has a connection of its own, as users have: a pool of 64 costs each request a look at all of them."""
    async with AsyncExitStack() as open_ones:
        limits = httpx.Limits(max_connections=1)
        yield [
            await open_ones.enter_async_context(
                # No environment: its proxy would be asked for 127.0.0.1 too.
                httpx.AsyncClient(
                    base_url=load.url,
                    limits=limits,
                    timeout=load.timeout_s,
                    verify=_tls(load.trust),
                    trust_env=False,
                )
            )
            for _ in range(load.streams)
        ]


class _Run:
    def __init__(
        self,
        load: Load,
        users: list[httpx.AsyncClient],
        on_sample: OnSample,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._load, self._users, self._on_sample, self._stop = load, users, on_sample, stop
        self._asked = 0
        self._numbers = itertools.count()
        self._made: list[Sample] = []
        self._under_way: dict[int, tuple[float, float]] = {}
        self._zero = time.perf_counter()

    def now(self) -> float:
        return time.perf_counter() - self._zero

    async def samples(self) -> tuple[Sample, ...]:
        loop = self._closed() if self._load.rate_per_s is None else self._open(self._load.rate_per_s)
        await self._until_end(loop)
        for intended_s, began_s in self._under_way.values():
            if self.now() - intended_s >= self._load.late_s:
                self._take(Sample(intended_s, began_s, self.now(), error="unanswered"))
        return tuple(sorted(self._made, key=lambda sample: sample.intended_s))

    async def _until_end(self, loop: Awaitable[None]) -> None:
        task = asyncio.ensure_future(loop)
        try:
            while not task.done() and not self._over():
                await asyncio.wait({task}, timeout=self._patience())
            if task.done():
                await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _over(self) -> bool:
        ended = self._load.duration_s is not None and self.now() >= self._load.duration_s
        return ended or (self._stop is not None and self._stop())

    def _patience(self) -> float | None:
        left = None if self._load.duration_s is None else max(0.0, self._load.duration_s - self.now())
        if self._stop is None:
            return left
        return 0.1 if left is None else min(0.1, left)

    def _next(self) -> Ask | None:
        if self._load.requests is not None and self._asked >= self._load.requests:
            return None
        self._asked += 1
        return next(self._load.asks, None)

    async def _closed(self) -> None:
        await asyncio.gather(
            *(self._again_and_again(user, n * _APART_S) for n, user in enumerate(self._users))
        )

    async def _again_and_again(self, user: httpx.AsyncClient, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while (ask := self._next()) is not None:
            await self._sample(user, ask, self.now(), next(self._numbers))

    async def _open(self, rate_per_s: float) -> None:
        # Fair: who was due first is served first, which an asyncio.Queue does not promise.
        places, idle = asyncio.Semaphore(len(self._users)), list(self._users)
        running: set[asyncio.Task[None]] = set()
        try:
            for at in _arrivals(rate_per_s, self._load.poisson, self._load.seed):
                ask = self._next()
                if ask is None:
                    break
                await asyncio.sleep(max(0.0, at - self.now()))
                task = asyncio.ensure_future(self._in_a_place(places, idle, ask, at))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.gather(*running)
        finally:
            for task in tuple(running):
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _in_a_place(
        self, places: asyncio.Semaphore, idle: list[httpx.AsyncClient], ask: Ask, intended_s: float
    ) -> None:
        number = next(self._numbers)
        # Whoever waits for a place has been waiting since it was due.
        self._under_way[number] = (intended_s, intended_s)
        async with places:
            user = idle.pop()
            try:
                await self._sample(user, ask, intended_s, number)
            finally:
                idle.append(user)

    async def _sample(self, user: httpx.AsyncClient, ask: Ask, intended_s: float, number: int) -> None:
        self._under_way[number] = (intended_s, self.now())
        sample = await self._ask(user, ask, intended_s)
        del self._under_way[number]
        self._take(sample)

    def _take(self, sample: Sample) -> None:
        self._made.append(sample)
        self._on_sample(sample)

    async def _ask(self, user: httpx.AsyncClient, ask: Ask, intended_s: float) -> Sample:
        reader = Reader(streamed=bool(ask.body and ask.body.get("stream")))
        status, headers, error = 0, {}, ""
        request = self._request(user, ask)
        began_s = self.now()
        try:
            answer = await user.send(request, stream=True)
            async with aclosing(answer):
                status = answer.status_code
                headers = {name: answer.headers[name] for name in self._load.keep if name in answer.headers}
                async for piece in answer.aiter_raw():
                    reader.feed(piece, self.now())
            error = f"http-{status}" if status >= 400 else "" if reader.whole else "cut"
        except httpx.HTTPError as failed:
            error = next(name for kind, name in _CLASSES if isinstance(failed, kind))
        due_s = began_s if self._load.rate_per_s is None else intended_s
        return Sample(
            due_s, began_s, self.now(), status, error, tuple(reader.arrivals_s), reader.tokens, headers
        )

    def _request(self, user: httpx.AsyncClient, ask: Ask) -> httpx.Request:
        key = self._load.key if ask.key is None else ask.key
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return user.build_request(
            "GET" if ask.body is None else "POST", ask.path, json=ask.body, headers=headers
        )


def _arrivals(rate_per_s: float, poisson: bool, seed: int) -> Iterator[float]:
    chosen, at, number = random.Random(seed), 0.0, 0  # noqa: S311 - times, no secrets
    while True:
        yield at
        number += 1
        at = at + chosen.expovariate(rate_per_s) if poisson else number / rate_per_s
