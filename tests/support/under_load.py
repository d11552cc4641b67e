"""Does something to a stack in the middle of a load, and tells what the load met."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.support.load import Load, Result, failures, run_load
from tests.support.quiet import quiet

T = TypeVar("T")
_LIMIT_S = 180.0


def under_load(
    loads: Sequence[Load], act: Callable[[], T], before: int = 2, after: int = 2
) -> tuple[list[Result], T]:
    """Run the loads, `act` in the middle of them, and return all results and what `act` returned.

    `act` begins once there are `before` answers for each client; the load ends once it has got `after` good ones for
    each to what was asked when `act` was done. Answers, not seconds: on a busy machine all of it takes longer.
    """
    clients = sum(load.plain + load.streamed for load in loads)

    async def both() -> tuple[list[Result], T]:
        stop, seen = asyncio.Event(), list[Result]()
        running = asyncio.gather(*(run_load(load, stop, seen) for load in loads))
        try:
            await _until(lambda: len(seen) >= before * clients, seen)
            done = await asyncio.to_thread(act)
            at = time.monotonic()
            await _until(lambda: sum(r.began_at > at and not r.failed for r in seen) >= after * clients, seen)
        finally:
            stop.set()
            await running
        return seen, done

    with quiet():
        results, done = asyncio.run(both())
    return sorted(results, key=lambda one: one.began_at), done


async def _until(true: Callable[[], bool], seen: list[Result]) -> None:
    end = time.monotonic() + _LIMIT_S
    while not true():
        assert time.monotonic() < end, f"{len(seen)} answers in {_LIMIT_S:.0f} s, the last ones {seen[-3:]}"
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Toll:
    """What the death of a server cost.

    Promised is that no request fails whose answer had not begun: `unanswered` has to be empty. Nobody can take over an
    answer that the client has the head of: `cut` are streams, which are long, and `cut_plain` the odd one that was
    just being sent.
    """

    unanswered: list[Result]
    cut: list[Result]
    cut_plain: list[Result]
    running_plain: int
    running_streams: int

    @classmethod
    def of(cls, results: list[Result], died_at: float) -> Toll:
        """Count the failed ones, and what was under way at `died_at` (monotonic seconds)."""
        under_way = [result for result in results if result.began_at < died_at < result.ended_at]
        streams = sum(result.streamed for result in under_way)
        return cls(*failures(results), len(under_way) - streams, streams)

    def assert_only_begun_answers_suffered(self) -> None:
        """Refuse everything else; of the plain ones only few can have been in their one moment."""
        assert self.unanswered == []
        assert len(self.cut) <= self.running_streams
        assert len(self.cut_plain) <= max(1, self.running_plain // 8), self.cut_plain

    def __str__(self) -> str:
        return (
            f"{self.running_plain} plain and {self.running_streams} streamed requests under way: "
            f"{len(self.unanswered)} failed without an answer, {len(self.cut)} streams and "
            f"{len(self.cut_plain)} plain answers cut that had begun"
        )
