"""Tokens per second, the time of 100 tokens, and the mean answer."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.watches import series
from toolkit.checks.watch_speed import watch_speed


def found(rate: float, first: float, total: float) -> list[str]:
    seen = [
        series("rate", "general", [rate] * 20),
        series("first_token", "general", [first] * 20),
        series("total", "general", [total] * 20),
    ]
    return [f"{f.observed.split(' (')[0]}: {f.status}" for f in ask(watch_speed, series=tuple(seen))]


def test_speeds() -> None:
    assert found(100, 0.1, 0.5) == [
        "tokens/s 100: pass",
        "100 tokens 1.1 s: pass",
        "mean answer 500 ms: pass",
    ]
    assert found(10, 0.1, 4.0) == ["tokens/s 10: fail", "100 tokens 10.0 s: fail", "mean answer 4.0 s: fail"]
    assert ask(watch_speed, series=()) == ()
