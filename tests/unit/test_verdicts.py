"""Targets: what is met, what is not, and what too few samples leave open."""

from __future__ import annotations

import pytest

from toolkit.checking import Confidence, Status
from toolkit.confidence import mean, percentile, rate
from toolkit.verdicts import judged, milliseconds, percent, plain

PASS, FAIL, SKIP = Status.PASS, Status.FAIL, Status.SKIP
CERTAIN, LIKELY = Confidence.CERTAIN, Confidence.LIKELY


@pytest.mark.parametrize(
    ("hits", "n", "status", "sure"),
    [
        (0, 1000, PASS, CERTAIN),
        (5, 1000, PASS, LIKELY),
        (15, 1000, FAIL, LIKELY),
        (30, 1000, FAIL, CERTAIN),
        (0, 100, SKIP, Confidence.POSSIBLE),
        (2, 100, SKIP, Confidence.POSSIBLE),
        (3, 3, FAIL, CERTAIN),
        (0, 0, SKIP, Confidence.POSSIBLE),
    ],
)
def test_error_rates(hits: int, n: int, status: Status, sure: Confidence) -> None:
    found = judged("edge", "fail", rate(hits, n, resolves=0.01), 0.01, show=percent, remedy="look")
    assert (found.status, found.confidence) == (status, sure)
    assert (found.remedy == "look") == (status is FAIL)
    assert found.observed.startswith("too few samples to tell") == (status is SKIP)


def test_percentiles() -> None:
    quick = judged("edge", "P95", percentile([0.01] * 200, 0.95), 0.1, show=milliseconds)
    assert (quick.status, quick.confidence) == (PASS, CERTAIN)
    assert (quick.observed, quick.expected) == ("P95 10 ms (10 ms to 10 ms, n=200)", "< 100 ms")
    few = judged("edge", "P95", percentile([0.01] * 5, 0.95), 0.1, show=milliseconds)
    assert few.status is SKIP
    assert few.observed == "too few samples to tell: P95 10 ms (10 ms to ?, n=5)"
    slow = judged("edge", "P95", percentile([0.3] * 5, 0.95), 0.1, show=milliseconds, cause="slow")
    assert (slow.status, slow.confidence, slow.cause) == (FAIL, CERTAIN, "slow")
    mixed = [0.01] * 94 + [0.2] * 6
    likely = judged("edge", "P95", percentile(mixed, 0.95), 0.1, show=milliseconds)
    assert (likely.status, likely.confidence) == (FAIL, LIKELY)


def test_what_has_to_be_more() -> None:
    good = judged("cache", "hits", rate(990, 1000, resolves=0.98), 0.98, show=percent, better="more")
    assert (good.status, good.expected) == (PASS, "> 98.0 %")
    assert (
        judged("cache", "hits", rate(500, 1000, resolves=0.98), 0.98, show=percent, better="more").status
        is FAIL
    )
    slow = judged("m", "tokens/s", mean([3.0] * 9), 20.0, show=plain, better="more")
    assert (slow.status, slow.observed) == (FAIL, "tokens/s 3 (3 to 3, n=9)")


def test_amounts_are_read_as_people_write_them() -> None:
    assert [milliseconds(v) for v in (0.0004, 0.031, 2.44)] == ["0.4 ms", "31 ms", "2.4 s"]
    assert [percent(v) for v in (0.015, 0.5, 0.984)] == ["1.5 %", "50 %", "98.4 %"]
    assert [plain(v) for v in (1534.2, 3.14159)] == ["1534", "3.14"]
