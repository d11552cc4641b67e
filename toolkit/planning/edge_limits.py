"""How much one API key may ask for, and how that is said to who asks for more."""

from __future__ import annotations

import math

from toolkit.values import Value

_KEPT_WINDOWS = 2
_WAITS = 6


class RateLimit(Value):
    """At most `requests` in any `window_s` seconds, for each API key."""

    requests: int
    window_s: float


class RateValues(Value):
    """A RateLimit as the templates want it: milliseconds, and the seconds of Retry-After."""

    requests: int
    window_ms: int
    expire_ms: int
    retry_after_s: int


def rate_values(limit: RateLimit | None) -> RateValues | None:
    """Return the limit's values; who is over it is told to come back after a sixth of the window.

    HAProxy's rate slides: what was counted loses its weight over the window, so a part of it already makes room.
    """
    if limit is None:
        return None
    window_ms = round(limit.window_s * 1000)
    retry_after_s = max(1, math.ceil(limit.window_s / _WAITS))
    return RateValues(limit.requests, window_ms, _KEPT_WINDOWS * window_ms, retry_after_s)
