"""Applications behind the edge: which path leads to which servers, and what is kept of their answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolkit.planning.edge_pools import EdgeServer
from toolkit.values import Value

# What the edge answers itself, or has a model answer.
RESERVED = ("/v1", "/healthz")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_FASTER = 5


class Sticky(Value):
    """The cookie that keeps a user at one server, and for how many seconds."""

    cookie: str
    max_life_s: float


class EdgeRoute(Value):
    """An application: requests for `prefix` and what is below it go to the least busy of its servers.

    `replicas` is how many addresses each server's name may have in DNS; `health_path` answers with 2xx or 3xx,
    without one a connection is enough. With `micro_cache` what is nobody's own is kept for seconds.
    """

    name: str
    prefix: str
    servers: tuple[EdgeServer, ...]
    check_interval_s: float
    replicas: int = 1
    health_path: str | None = None
    sticky: Sticky | None = None
    micro_cache: bool = False


class RouteValues(Value):
    """An EdgeRoute as the templates want it; times in milliseconds, `max_life_s` in seconds."""

    name: str
    prefix: str
    servers: tuple[EdgeServer, ...]
    replicas: int
    health_path: str | None
    cookie: str | None
    max_life_s: int
    micro_cache: bool
    check_ms: int
    down_check_ms: int


def route_values(routes: Sequence[EdgeRoute]) -> tuple[RouteValues, ...]:
    """Return the routes, the longest prefix first; a server that is down is looked at five times as often.

    Raises ValueError for a prefix that is none, is the edge's own, or is given twice.
    """
    prefixes = [route.prefix for route in routes]
    for route in routes:
        _refuse_impossible(route, prefixes)
    ordered = sorted(routes, key=lambda route: (-len(route.prefix), route.prefix))
    return tuple(_values(route) for route in ordered)


def _values(route: EdgeRoute) -> RouteValues:
    check_ms = round(route.check_interval_s * 1000)
    return RouteValues(
        name=route.name,
        prefix=route.prefix,
        servers=route.servers,
        replicas=route.replicas,
        health_path=route.health_path,
        cookie=route.sticky.cookie if route.sticky else None,
        max_life_s=round(route.sticky.max_life_s) if route.sticky else 0,
        micro_cache=route.micro_cache,
        check_ms=check_ms,
        down_check_ms=max(1, check_ms // _FASTER),
    )


def _refuse_impossible(route: EdgeRoute, prefixes: Sequence[str]) -> None:
    where = f"route of {route.name}: {route.prefix!r}"
    if not _PREFIX.fullmatch(route.prefix):
        raise ValueError(f"{where} is no path such as '/api'")
    if any(f"{route.prefix}/".startswith(f"{own}/") for own in RESERVED):
        raise ValueError(f"{where} is the edge's own")
    if prefixes.count(route.prefix) > 1:
        raise ValueError(f"{where} is given twice")
    if not route.servers:
        raise ValueError(f"{where} has no server")
