"""What the edge needs to know: its models, how much it carries, how long it waits."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.planning.edge_limits import RateLimit, RateValues, rate_values
from toolkit.planning.edge_pools import EdgeModel, EdgePool, edge_pools
from toolkit.planning.edge_routes import EdgeRoute, RouteValues, route_values
from toolkit.values import Value

BYTES_PER_TOKEN = 12
SMALLEST_BODY_LIMIT = 64 * 1024
HEADER_ROOM = 16 * 1024
MAXREWRITE = 4096
METRICS_PORT = 8404
REQUEST_MS = 10_000
STREAM_GRACE_MS = 600_000
AGAIN_MS = 1000
_BUFFER_STEP = 16 * 1024
CACHE_SOCKETS = "/run/edge-sockets"
# A request is a connection of the client's and one to its pool, behind the cache one more; checks, metrics and the
# console are few.
_PASSES = 2
_PASSES_BEHIND_CACHE = 3
_TRIES = 3
_OWN_CONNECTIONS = 64


class EdgeTimeouts(Value):
    """Seconds: to reach a server, to wait for its next byte, for the client's, and for a free place."""

    connect_s: float
    read_s: float
    write_s: float
    queue_s: float


class EdgeCache(Value):
    """The response cache as the edge sees it.

    `sockets` is the directory that both share; `generation` is part of every key: where it changes with the
    models, nobody gets the answer of a former one. What a stand-in answered is kept for `stand_in_s` seconds.
    """

    generation: str
    stand_in_s: int = 5
    sockets: str = CACHE_SOCKETS


class EdgeTls(Value):
    """TLS at the edge; `lasting` where its certificate is one that browsers may insist on from now on."""

    port: int
    lasting: bool


class EdgeExtras(Value):
    """What an edge may have besides models: response cache, applications, a limit for each API key, TLS."""

    cache: EdgeCache | None = None
    routes: Sequence[EdgeRoute] = ()
    rate_limit: RateLimit | None = None
    tls: EdgeTls | None = None


NO_EXTRAS = EdgeExtras()


class EdgeValues(Value):
    """Everything that the edge's templates are given; sizes in bytes, times in milliseconds.

    `max_connections` are the clients', `max_passes` all that HAProxy has open for them; `pool_ms` is how long
    one pool may take to begin its answer, `ask_ms` all three tries, `again_ms` how long the last one waits before
    it asks the first again.
    """

    pools: tuple[EdgePool, ...]
    routes: tuple[RouteValues, ...]
    cache: EdgeCache | None
    rate: RateValues | None
    tls: EdgeTls | None
    body_limit: int
    bufsize: int
    maxrewrite: int
    max_connections: int
    max_passes: int
    threads: int
    connect_ms: int
    read_ms: int
    write_ms: int
    queue_ms: int
    pool_ms: int
    ask_ms: int
    again_ms: int
    request_ms: int
    stream_grace_ms: int
    check_interval_ms: int
    check_timeout_ms: int
    metrics_port: int


def edge_values(
    *,
    models: Sequence[EdgeModel],
    largest_max_model_len: int,
    max_connections: int,
    threads: int,
    timeouts: EdgeTimeouts,
    check_interval_s: float,
    extras: EdgeExtras = NO_EXTRAS,
) -> EdgeValues:
    """Return the edge's values for `models`, in their order: the first one answers /v1/models.

    A request has ten seconds to arrive. A check may take three intervals, a busy server answers slowly. A
    reload lets running streams go on for ten minutes at most. Raises ValueError as edge_pools and
    route_values do.
    """
    limit = body_limit(largest_max_model_len)
    pool_ms = _milliseconds(timeouts.connect_s + timeouts.queue_s + timeouts.read_s) + AGAIN_MS
    return EdgeValues(
        pools=edge_pools(models),
        routes=route_values(extras.routes),
        cache=extras.cache,
        rate=rate_values(extras.rate_limit),
        tls=extras.tls,
        body_limit=limit,
        bufsize=bufsize(limit),
        maxrewrite=MAXREWRITE,
        max_connections=max_connections,
        max_passes=max_connections * (_PASSES_BEHIND_CACHE if extras.cache else _PASSES) + _OWN_CONNECTIONS,
        threads=threads,
        connect_ms=_milliseconds(timeouts.connect_s),
        read_ms=_milliseconds(timeouts.read_s),
        write_ms=_milliseconds(timeouts.write_s),
        queue_ms=_milliseconds(timeouts.queue_s),
        pool_ms=pool_ms,
        ask_ms=_TRIES * pool_ms,
        again_ms=AGAIN_MS,
        request_ms=REQUEST_MS,
        stream_grace_ms=STREAM_GRACE_MS,
        check_interval_ms=_milliseconds(check_interval_s),
        check_timeout_ms=3 * _milliseconds(check_interval_s),
        metrics_port=METRICS_PORT,
    )


def body_limit(largest_max_model_len: int) -> int:
    """Return the largest request body in bytes: 12 for each token of the longest context, 64 KiB at least.

    Twelve bytes hold a token of nearly every script with its JSON escapes: what a model could still use fits,
    and what is longer the model itself would refuse.
    """
    return max(SMALLEST_BODY_LIMIT, largest_max_model_len * BYTES_PER_TOKEN)


def bufsize(limit: int) -> int:
    """Return tune.bufsize in bytes: body, 16 KiB of headers and rewrite reserve, up to a multiple of 16 KiB.

    HAProxy's manual: of a body is seen what fits in bufsize less maxrewrite less headers; the rest is cut
    off without a word.
    """
    needed = limit + HEADER_ROOM + MAXREWRITE
    return -(-needed // _BUFFER_STEP) * _BUFFER_STEP


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
