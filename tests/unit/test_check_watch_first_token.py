"""Time to the first token of each model."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_first_token import watch_first_token


def test_first_tokens() -> None:
    seen = series("first_token", "general", [0.06] * 60), series("first_token", "fast", [0.9] * 8)
    assert statuses(watched(watch_first_token, *seen)) == {"general": "pass", "fast": "fail"}
    assert statuses(watched(watch_first_token, seen[0])) == {"general": "pass", "fast": "error"}
    few = series("first_token", "fast", [0.06] * 8)
    assert statuses(watched(watch_first_token, seen[0], few)) == {"general": "pass", "fast": "skip"}


def test_what_the_server_measured_itself_stands_beside_it() -> None:
    seen = [
        series("first_token", "general", [0.06] * 60),
        series("server_first_token_p50", "llm-general", [0.041]),
        series("server_first_token_p95", "llm-general", [0.052]),
    ]
    assert watched(watch_first_token, *seen)["general"].evidence == (
        "llm-general itself: P50 41 ms, P95 52 ms",
    )
