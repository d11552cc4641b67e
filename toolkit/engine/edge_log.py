"""What the edge wrote about its servers: when each came and went; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

_LINE = re.compile(
    r"^(?P<at>\S+) .*?\bServer (?P<pool>[^/\s]+)/(?P<server>\S+) "
    r"(?:is (?P<state>UP|DOWN)\b|enters (?P<left>drain|maintenance) state)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A server begins or ceases to get requests; `at` is in Unix seconds."""

    at: float
    server: str
    up: bool


def turns(text: str) -> tuple[Turn, ...]:
    """Return the turns in HAProxy's own messages, each line behind the engine's time stamp, in their order."""
    return tuple(
        Turn(seconds(found["at"]), found["server"], found["state"] == "UP") for found in _LINE.finditer(text)
    )


def seconds(stamp: str) -> float:
    """Return Unix seconds of the engine's stamp: RFC 3339 in UTC, with nanoseconds. Raises ValueError."""
    whole, _, rest = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + (float(f"0.{rest}") if rest else 0.0)


def outages(
    seen: Iterable[Turn], models: Mapping[str, Iterable[str]], since: float, until: float, *, there: bool
) -> dict[str, float]:
    """Return for each model (its servers by its name) the seconds in which the edge had none of them.

    Counted from `since` to `until`, both Unix seconds. `there` is false for an edge that began after `since`: before
    its first word it had no server. Models that always had one are left out.
    """
    known = tuple(seen)
    found = {
        name: round(sum(end - begin for begin, end in _without(known, set(servers), since, until, there)), 1)
        for name, servers in models.items()
    }
    return {name: lost for name, lost in found.items() if lost > 0}


def _without(
    known: tuple[Turn, ...], servers: set[str], since: float, until: float, there: bool
) -> Iterator[tuple[float, float]]:
    # An edge of which nothing is known of a server has it, as nothing else would have been written.
    up = dict.fromkeys(servers, there)
    began = None if any(up.values()) else since
    for turn in known:
        if turn.server not in servers or turn.at > until:
            continue
        up[turn.server] = turn.up
        if any(up.values()) and began is not None:
            yield max(began, since), max(turn.at, since)
            began = None
        elif not any(up.values()) and began is None:
            began = turn.at
    if began is not None:
        yield max(began, since), until


def ready_after(known: Iterable[Turn], started: Mapping[str, str]) -> dict[str, float]:
    """Return for each server the seconds from its container's start (RFC 3339) until the edge first had it."""
    found: dict[str, float] = {}
    for turn in known:
        stamp = started.get(turn.server, "")
        if stamp and turn.up and turn.server not in found and turn.at >= seconds(stamp):
            found[turn.server] = round(turn.at - seconds(stamp), 1)
    return found
