"""Amounts as people write them (512MiB, 2GiB, 90s, 5m): parse and print, in one place."""

from __future__ import annotations

import re

MIB = 1024 * 1024
GIB = 1024 * MIB

_SIZES = {"": 1, "K": 1024, "M": MIB, "G": 1024 * MIB, "T": 1024 * 1024 * MIB}
_SIZE = re.compile(r"([0-9]+)(?:\.([0-9]+))?\s*(?:([KMGT])(?:i?B)?|B)", re.IGNORECASE | re.ASCII)
_TIMES = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h)")


def parse_bytes(text: str) -> int:
    """Return the bytes of `64M`, `1.5GiB`, `512 MB`; all prefixes are powers of 1024, as in Compose.

    Raises ValueError for anything else, bare numbers included: an amount without a unit is a guess.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError("an amount of memory with its unit, such as 512MiB or 2GiB")
    factor = _SIZES[(match[3] or "").upper()]
    part = match[2] or "0"
    # In whole numbers: a float would lose bytes of a large amount.
    scale: int = 10 ** len(part)
    return int(match[1]) * factor + int(part) * factor // scale


def format_bytes(amount: int) -> str:
    """Return the shortest exact form with a binary prefix: 1610612736 → `1536MiB`."""
    for suffix, factor in (("TiB", _SIZES["T"]), ("GiB", _SIZES["G"]), ("MiB", MIB), ("KiB", 1024)):
        if amount and amount % factor == 0:
            return f"{amount // factor}{suffix}"
    return f"{amount}B"


def about_gib(amount: float) -> str:
    """Return bytes for people to compare, not to copy: 1610612736 → `1.5 GiB`."""
    return f"{amount / (1024 * MIB):.1f} GiB"


def config_size(amount: int) -> str:
    """Return bytes as server configs want them, K, M or G without `iB`: 67108864 → `64M`."""
    return format_bytes(amount).replace("iB", "").removesuffix("B")


def parse_seconds(text: str) -> float:
    """Return the seconds of `90s`, `1.5m`, `2h`, `500ms`.

    Raises ValueError for anything else, bare numbers included.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("a length of time with its unit, such as 30s or 5m")
    return float(match[1]) * _TIMES[match[2]]


def format_seconds(seconds: float) -> str:
    """Return the shortest exact form: 90.0 → `90s`, 3600.0 → `1h`, 0.5 → `500ms`."""
    for suffix, factor in (("h", 3600.0), ("m", 60.0), ("s", 1.0)):
        if seconds >= factor and seconds % factor == 0:
            return f"{int(seconds / factor)}{suffix}"
    return f"{round(seconds * 1000)}ms"
