"""Does something to a stack in the middle of a load, and tells what the load met."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.support.load import Load, Result, failures, run_load

T = TypeVar("T")


def under_load(
    loads: Sequence[Load], act: Callable[[], T], before_s: float = 1.5, after_s: float = 0.5
) -> tuple[list[Result], T]:
    """Run the loads, `act` in the middle of them, and return all results and what `act` returned."""

    async def both() -> tuple[list[list[Result]], T]:
        stop = asyncio.Event()
        running = asyncio.gather(*(run_load(load, stop) for load in loads))
        try:
            await asyncio.sleep(before_s)
            done = await asyncio.to_thread(act)
            await asyncio.sleep(after_s)
        finally:
            stop.set()
            results = await running
        return results, done

    results, done = asyncio.run(both())
    return sorted((one for some in results for one in some), key=lambda one: one.began_at), done


@dataclass(frozen=True)
class Toll:
    """What the death of a server cost; all but `cut` has to be empty."""

    plain: list[Result]
    unbegun: list[Result]
    cut: list[Result]
    running_plain: int
    running_streams: int

    @classmethod
    def of(cls, results: list[Result], died_at: float) -> Toll:
        """Count the failed ones, and what was under way at `died_at` (monotonic seconds)."""
        under_way = [result for result in results if result.began_at < died_at < result.ended_at]
        streams = sum(result.streamed for result in under_way)
        return cls(*failures(results), len(under_way) - streams, streams)

    def __str__(self) -> str:
        return (
            f"{self.running_plain} plain and {self.running_streams} streamed requests under way: "
            f"{len(self.plain)} plain failed, {len(self.unbegun)} streams failed before their first byte, "
            f"{len(self.cut)} streams cut"
        )
