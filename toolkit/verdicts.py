"""A measured figure against its target: pass, fail, or too few samples to tell; never a guess."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from toolkit.checking import Confidence, Finding, Status

if TYPE_CHECKING:
    from toolkit.confidence import Estimate

Show = Callable[[float], str]


def milliseconds(value: float) -> str:
    """Return seconds as people read them: 0.4 ms, 31 ms, 2.4 s."""
    if abs(value) >= 1:
        return f"{value:.1f} s"
    return f"{value * 1000:.1f} ms" if abs(value) < 0.01 else f"{value * 1000:.0f} ms"


def percent(value: float) -> str:
    """Return a share in percent, with as many digits as a small one needs."""
    return f"{value * 100:.1f} %" if value < 0.1 or value > 0.9 else f"{value * 100:.0f} %"


def plain(value: float) -> str:
    """Return a number without superfluous digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def judged(  # noqa: PLR0913 - what a target is made of
    subject: str,
    what: str,
    found: Estimate,
    target: float,
    *,
    show: Show,
    better: Literal["less", "more"] = "less",
    cause: str = "",
    remedy: str = "",
) -> Finding:
    """Return how `found` stands to `target`.

    FAIL where its whole interval is on the wrong side, however few samples there are, or where the figure is and there
    are enough samples; then it is likely, not certain. Without enough samples, and nothing that excludes the target:
    SKIP, and it says so. PASS is certain where the whole interval is on the right side.
    """
    sign = "<" if better == "less" else ">"
    status, sure = _status(found, target, better)
    seen = f"{what} {show(found.value)}" if found.n else f"{what}: nothing was seen"
    few = "too few samples to tell: " if status is Status.SKIP else ""
    return Finding(
        subject,
        status,
        f"{few}{seen}{_interval(found, show)}",
        f"{sign} {show(target)}",
        cause if status is Status.FAIL else "",
        remedy if status is Status.FAIL else "",
        confidence=sure,
    )


def _status(found: Estimate, target: float, better: Literal["less", "more"]) -> tuple[Status, Confidence]:
    if found.n == 0:
        return Status.SKIP, Confidence.POSSIBLE
    good = _good(found.value, target, better)
    best, worst = (found.low, found.high) if better == "less" else (found.high, found.low)
    if not _good(best, target, better):
        return Status.FAIL, Confidence.CERTAIN
    if not found.enough:
        return Status.SKIP, Confidence.POSSIBLE
    if not good:
        return Status.FAIL, Confidence.LIKELY
    return Status.PASS, Confidence.CERTAIN if _good(worst, target, better) else Confidence.LIKELY


def _good(value: float, target: float, better: Literal["less", "more"]) -> bool:
    return value <= target if better == "less" else value >= target


def _interval(found: Estimate, show: Show) -> str:
    if found.n == 0:
        return ""
    low = show(found.low) if math.isfinite(found.low) else "?"
    high = show(found.high) if math.isfinite(found.high) else "?"
    return f" ({low} to {high}, n={found.n})"
