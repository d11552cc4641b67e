"""What a persona promises, measured on the running stack, and cleaned up after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.confidence import rate
from toolkit.engine.bulk import GROUP_BY, REPORT, scratch_schema
from toolkit.findings import Finding, Status
from toolkit.load.prompts import chat_bodies, synthetic
from toolkit.load.streams import Ask, Load, run_load
from toolkit.planning.zipf import draws_for, shares
from toolkit.values import replace
from toolkit.verdicts import judged, milliseconds, percent, plain

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.engine.runner import Runner
    from toolkit.engine.wrk import Wrk, WrkResult
    from toolkit.planning.plan import Plan
    from toolkit.planning.targets import Targets
    from toolkit.routines.progress import Progress

ROWS = 1_000_000
BATCH = 500
KEYS = 10_000
EXPONENT = 1.1
_LIGHT_S = 15
_DRAWS_S = 420
_DRAWERS = 48
# A little over what is asked: the draws of one run are not those that are expected.
_MARGIN = 0.0005
_TOLD_ROWS = 250_000

Bounds = Callable[[], tuple[str, ...]]
"""Returns what was busiest since it was made: what bounds a figure that is missed."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One host of the stack; `key` lends an API key of its own, `bounds` begins to look at who is busy."""

    plan: Plan
    url: str
    runner: Runner
    wrk: Callable[[], Wrk]
    key: Callable[[], AbstractContextManager[str]]
    bounds: Callable[[], AbstractContextManager[Bounds]]
    progress: Progress
    trust: Path | None = None
    """The edge's certificate, None where it is asked in the clear."""

    def run(self, persona: str) -> tuple[Finding, ...]:
        """Return how the stack stands to each target of the persona."""
        known = {
            "speed-runner": self.speed_runner,
            "multi-tasker": self.multi_tasker,
            "data-analyst": self.data_analyst,
        }
        return tuple(known[persona]())

    def speed_runner(self) -> Iterator[Finding]:
        """Light requests of a few users, then questions drawn by Zipf's law from an empty cache."""
        targets, model = self.plan.targets, self._model()
        draws = draws_for(targets.hit_rate + _MARGIN, shares(KEYS, EXPONENT))
        with self.key() as key, self.bounds() as busy:
            self.progress.note(f"16 users ask for the list of models, {_LIGHT_S} s")
            light = self.wrk().models(key, 16, _LIGHT_S, _within(_LIGHT_S))
            yield _latency("list of models, 16 users", light, targets.light_p95, busy())
            self.progress.note(
                f"{draws} questions, drawn of {KEYS} by Zipf's law ({EXPONENT}), from an empty cache"
            )
            drawn = self.wrk().drawn(key, model, token_hex(4), draws, _DRAWERS, _DRAWS_S, _within(_DRAWS_S))
        yield _latency("questions, hits and misses", drawn, targets.api_p95, busy())
        yield _errors("questions", drawn, targets, busy())
        hits = rate(drawn.hits, drawn.seen, resolves=targets.hit_rate)
        found = judged("response-cache", "hits", hits, targets.hit_rate, show=percent, better="more")
        yield _with(
            found, (*found.evidence, f"{drawn.seen} draws in {drawn.elapsed_s:.0f} s, cold start included")
        )

    def multi_tasker(self) -> Iterator[Finding]:
        """As many users as it promises, at once on the light path, then as many streams as it promises."""
        targets = self.plan.targets
        users, wanted = targets.users or 500, targets.requests_per_s or 1500.0
        with self.key() as key, self.bounds() as busy:
            self.progress.note(f"{users} users ask for the list of models, {_LIGHT_S} s")
            seen = self.wrk().models(key, users, _LIGHT_S, _within(_LIGHT_S))
            bounded = busy()
            good = seen.per_s >= wanted
            yield Finding(
                f"{users} users",
                Status.PASS if good else Status.FAIL,
                f"{plain(seen.per_s)} requests/s, P95 {milliseconds(seen.p95_s)}",
                f"> {plain(wanted)} requests/s",
                cause="" if good else "; ".join(bounded),
                evidence=bounded if good else (),
                check="bench.throughput",
            )
            yield _errors(f"{users} users", seen, targets, bounded)
            yield from self._streams(key)

    def data_analyst(self) -> Iterator[Finding]:
        """A million rows in batches, then an aggregation and a report over all of them."""
        targets = self.plan.targets
        with (
            self.bounds() as busy,
            scratch_schema(self.runner, f"{self.plan.project}-mariadb-1", time.time()) as bulk,
        ):
            self.progress.note(f"{ROWS} rows, {BATCH} in a statement")
            loaded_s = bulk.load(ROWS, BATCH, self._tell_rows)
            per_s, wanted = ROWS / loaded_s, targets.bulk_rows_per_s or 10_000.0
            good = per_s >= wanted
            yield Finding(
                "mariadb",
                Status.PASS if good else Status.FAIL,
                f"{ROWS} rows in {loaded_s:.1f} s: {plain(per_s)} rows/s",
                f"> {plain(wanted)} rows/s",
                cause="" if good else "; ".join(busy()),
                check="bench.bulk",
            )
            self.progress.note("asks: GROUP BY, and a report of five queries")
            yield _time("GROUP BY over all", bulk.seconds(GROUP_BY), targets.aggregation or 2.0, busy())
            report_s = sum(bulk.seconds(query) for query in REPORT)
            yield _time("report of five queries", report_s, targets.report or 5.0, busy())

    def _streams(self, key: str) -> Iterator[Finding]:
        most, model = self.plan.targets.concurrent, self._model()
        self.progress.note(f"{most} streams of `{model}` at once")
        asks = (Ask(body=body) for body in chat_bodies(model, synthetic(24, seed=time.time_ns()), 64))
        seen = run_load(
            Load(
                self.url,
                key,
                asks,
                streams=most,
                requests=4 * most,
                warm_up=most,
                timeout_s=60,
                trust=self.trust,
            )
        )
        good = not seen.errors and seen.trustworthy
        yield Finding(
            f"{most} streams of {model}",
            Status.PASS if good else Status.FAIL if seen.trustworthy else Status.ERROR,
            f"{len(seen.answered)} of {len(seen.samples)} answered, {plain(seen.tokens_per_s)} tokens/s",
            "all answered",
            cause=", ".join(f"{n} × {error}" for error, n in seen.errors.items()),
            check="bench.streams",
        )

    def _model(self) -> str:
        text = [model.served_name for model in self.plan.models if not model.pooling]
        return text[-1]

    def _tell_rows(self, rows: int) -> None:
        if rows % _TOLD_ROWS == 0:
            self.progress.note(f"{rows} rows")


def _within(seconds: float) -> Deadline:
    return Deadline.after(seconds + 30)


def _latency(subject: str, seen: WrkResult, target: float, busy: tuple[str, ...]) -> Finding:
    good = seen.p95_s <= target
    return Finding(
        subject,
        Status.PASS if good else Status.FAIL,
        f"P95 {milliseconds(seen.p95_s)}, P50 {milliseconds(seen.p50_s)} (n={seen.requests})",
        f"< {milliseconds(target)}",
        cause="" if good else "; ".join(busy),
        check="bench.latency",
    )


def _errors(subject: str, seen: WrkResult, targets: Targets, busy: tuple[str, ...]) -> Finding:
    asked = seen.requests + seen.unanswered
    found = rate(min(seen.failed, asked), asked, resolves=targets.error_rate)
    one = judged(
        subject,
        f"{seen.failed} of {asked} fail,",
        found,
        targets.error_rate,
        show=percent,
        cause="; ".join(busy),
    )
    return _with(one, (), check="bench.errors")


def _time(subject: str, took_s: float, target: float, busy: tuple[str, ...]) -> Finding:
    good = took_s <= target
    return Finding(
        subject,
        Status.PASS if good else Status.FAIL,
        milliseconds(took_s),
        f"< {milliseconds(target)}",
        cause="" if good else "; ".join(busy),
        check="bench.queries",
    )


def _with(finding: Finding, evidence: tuple[str, ...], check: str = "bench.cache") -> Finding:
    return replace(finding, evidence=evidence, check=check)
