"""Processors of the host, and of a service that is at its own limit."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_cpu import watch_cpu


def test_processors() -> None:
    seen = series("cpu", "llm-fast", [99.0] * 9), series("cpu", "redis", [3.0] * 9)
    assert statuses(watched(watch_cpu, series("host_cpu", "host", [0.3, 0.9]), *seen)) == {
        "host": "pass",
        "llm-fast": "warn",
    }
    assert statuses(watched(watch_cpu, series("host_cpu", "host", [0.9] * 9))) == {"host": "warn"}
