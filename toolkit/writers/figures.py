"""Figures as people read them."""

from __future__ import annotations

import math


def figure(value: float) -> str:
    """Return three significant digits, thousands apart: 0.0123, 12.3, 1,230; what is whole stays whole."""
    if not math.isfinite(value):
        return str(value)
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def change(before: float, after: float) -> str:
    """Return how far a figure moved: in percent, or as a difference where it was nothing before."""
    if before == after:
        return "±0"
    if before == 0:
        return f"{after:+.3g}"
    share = (after - before) / abs(before)
    return f"{share:+.0%}" if abs(share) >= 0.005 else "±0"
