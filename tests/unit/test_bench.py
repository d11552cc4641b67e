"""What bench makes of what it measures, and that it leaves nothing behind; the doors to programs are replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.paced_server import paced_server
from tests.support.plans import plan
from toolkit.clock import Deadline
from toolkit.engine.bulk import scratch_schema
from toolkit.engine.runner import Completed
from toolkit.engine.wrk import Wrk
from toolkit.errors import EngineError, ServiceFailedError
from toolkit.facts import Series
from toolkit.planning.zipf import draws_for, expected_hit_rate, shares
from toolkit.routines.bench import Bench
from toolkit.values import replace
from toolkit.watched import busiest

GOOD = (
    '@@ {"requests": 60000, "elapsed_s": 15.0, "unanswered": 3, "refused": 2, "hits": 9900, "seen": 10000, '
    '"p50_s": 0.002, "p95_s": 0.009, "p99_s": 0.02}\n'
)


class Programs:
    """Answers wrk with `wrk`, MariaDB's client with what its statements ask for."""

    def __init__(self, wrk: str = GOOD, took_us: int = 900_000, rows: str = "1000000") -> None:
        self.wrk, self.took_us, self.rows = wrk, took_us, rows
        self.asked: list[tuple[Sequence[str], str]] = []
        self.failing = ""

    def run(self, argv: Sequence[str], **more: Any) -> Completed:
        given = more["stdin"]
        text = given if isinstance(given, str) else b"".join(given).decode()
        self.asked.append((argv, text))
        if self.failing and self.failing in text:
            return Completed(tuple(argv), 1, "", "ERROR 1114: The table is full", 0.0)
        return Completed(tuple(argv), 0, self._answer(argv, text), "", 0.0)

    def _answer(self, argv: Sequence[str], text: str) -> str:
        if "run" in argv:
            return self.wrk
        if "COUNT(*) FROM toolkit_bench" in text:
            return self.rows
        if "SHOW DATABASES" in text:
            return "toolkit_bench_1000_abc\ntoolkit_bench_99999999999_abc\ntoolkit_benchmarks\n"
        return f"x\t1\ntook\t{self.took_us}\n"


class Notes:
    def note(self, text: str) -> None:
        """Nobody reads it."""


@contextmanager
def lent() -> Iterator[str]:
    yield "sk-lent"


@contextmanager
def busy() -> Iterator[Callable[[], tuple[str, ...]]]:
    yield lambda: ("edge: 99.0 % of its processors",)


def bench(programs: Programs, url: str = "") -> Bench:
    of = plan()
    targets = replace(
        of.targets, users=500, requests_per_s=1500.0, bulk_rows_per_s=1.0, aggregation=2.0, report=5.0
    )
    wrk = Wrk(programs, "llm-stack/wrk:4.1", "p-edge-1")
    return Bench(replace(of, targets=targets), url, programs, lambda: wrk, lent, busy, Notes())  # type: ignore[arg-type]


def statuses(findings: Sequence[Any]) -> list[tuple[str, str]]:
    return [(one.check, str(one.status)) for one in findings]


def test_a_speed_runner() -> None:
    programs = Programs()
    found = bench(programs).run("speed-runner")
    assert statuses(found) == [
        ("bench.latency", "pass"),
        ("bench.latency", "pass"),
        ("bench.errors", "pass"),
        ("bench.cache", "pass"),
    ]
    assert found[3].observed.startswith("hits 99.0 %")
    assert found[3].evidence == ("10000 draws in 15 s, cold start included",)
    for argv, script in programs.asked:
        assert "container:p-edge-1" in argv
        assert "sk-lent" in script
        assert "sk-lent" not in " ".join(argv)


def test_a_multi_tasker_that_is_missed_says_what_was_busy() -> None:
    slow = GOOD.replace("60000", "15000").replace('"refused": 2', '"refused": 900')
    with paced_server() as url:
        found = bench(Programs(slow), url).run("multi-tasker")
    assert statuses(found)[:2] == [("bench.throughput", "fail"), ("bench.errors", "fail")]
    # That server takes no time at all: on a busy machine it is the client that is measured, and this says so.
    assert statuses(found)[2] in {("bench.streams", "pass"), ("bench.streams", "error")}
    assert found[0].observed == "1000 requests/s, P95 9.0 ms"
    assert found[0].cause == "edge: 99.0 % of its processors"


def test_a_data_analyst_leaves_nothing_behind() -> None:
    programs = Programs()
    found = bench(programs).run("data-analyst")
    assert statuses(found) == [("bench.bulk", "pass"), ("bench.queries", "pass"), ("bench.queries", "pass")]
    assert found[2].observed == "4.5 s"
    inserts = next(text for _, text in programs.asked if "INSERT" in text)
    assert inserts.count("INSERT INTO events") == 2000
    schema = inserts.split("USE ")[1].split(";")[0]
    dropped = [text.split()[-1].rstrip(";") for _, text in programs.asked if text.startswith("DROP")]
    assert dropped == ["toolkit_bench_1000_abc", schema]


def test_the_schema_goes_whatever_happens() -> None:
    programs = Programs()
    programs.failing = "INSERT"
    with (
        pytest.raises(ServiceFailedError, match="The table is full"),
        scratch_schema(programs, "mariadb", 10**6) as bulk,
    ):
        bulk.load(1000, 500, lambda _: None)
    assert programs.asked[-1][1] == f"DROP DATABASE IF EXISTS {bulk.schema};"
    with (
        pytest.raises(ServiceFailedError, match="7 rows are there, not 1000"),
        scratch_schema(Programs(rows="7"), "mariadb", 10**6) as bulk,
    ):
        bulk.load(1000, 500, lambda _: None)


def test_wrk_that_says_nothing() -> None:
    with pytest.raises(EngineError, match="it gave no result"):
        Wrk(Programs(wrk=""), "wrk", "edge").models("k", 1, 1, Deadline.after(5))


def test_zipf() -> None:
    of = shares(10_000, 1.1)
    assert sum(of) == pytest.approx(1)
    assert of[0] / of[1] == pytest.approx(2**1.1)
    draws = draws_for(0.98, of)
    assert expected_hit_rate(draws, of) >= 0.98 > expected_hit_rate(draws - 10_000, of)
    assert 300_000 <= draws <= 500_000


def test_who_was_busiest() -> None:
    seen = [
        Series("cpu", "edge", "%", ((0, 98.0), (1, 100.0), (2, None))),
        Series("cpu", "redis", "%", ((0, 3.0),)),
        Series("host_cpu", "host", "share", ((0, 1.0),)),
        Series("memory", "edge", "MiB", ((0, 99.0),)),
    ]
    assert busiest(seen) == (("host", 1.0), ("edge", 0.99))
