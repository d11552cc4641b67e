"""What the edge needs to know: its models, how much it carries, how long it waits."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_TOKEN = 12
SMALLEST_BODY_LIMIT = 64 * 1024
HEADER_ROOM = 16 * 1024
MAXREWRITE = 4096
METRICS_PORT = 8404
REQUEST_MS = 10_000
STREAM_GRACE_MS = 600_000
_BUFFER_STEP = 16 * 1024


@dataclass(frozen=True, slots=True)
class EdgeModel:
    """A model by its public name, its own server, and the model that stands in for it.

    `server` names the answering server in x-served-by; `max_in_flight` is how many requests it is given at
    once, the rest wait at the edge; `fallback` is the name of another EdgeModel.
    """

    name: str
    server: str
    host: str
    port: int
    max_in_flight: int
    fallback: str | None


@dataclass(frozen=True, slots=True)
class EdgeTimeouts:
    """Seconds: to reach a server, to wait for its next byte, for the client's, and for a free place."""

    connect_s: float
    read_s: float
    write_s: float
    queue_s: float


@dataclass(frozen=True, slots=True)
class EdgeValues:
    """Everything that the edge's templates are given; sizes in bytes, times in milliseconds."""

    models: tuple[EdgeModel, ...]
    body_limit: int
    bufsize: int
    maxrewrite: int
    max_connections: int
    threads: int
    connect_ms: int
    read_ms: int
    write_ms: int
    queue_ms: int
    request_ms: int
    stream_grace_ms: int
    check_interval_ms: int
    check_timeout_ms: int
    metrics_port: int


def edge_values(
    *,
    models: tuple[EdgeModel, ...],
    largest_max_model_len: int,
    max_connections: int,
    threads: int,
    timeouts: EdgeTimeouts,
    check_interval_s: float,
) -> EdgeValues:
    """Return the edge's values for `models`, in their order: the first one answers /v1/models.

    A request has ten seconds to arrive. A check may take three intervals, a busy server answers slowly. A
    reload lets running streams go on for ten minutes at most. Raises ValueError where a fallback names no
    other model of the list.
    """
    _refuse_unknown_fallbacks(models)
    limit = body_limit(largest_max_model_len)
    return EdgeValues(
        models=models,
        body_limit=limit,
        bufsize=bufsize(limit),
        maxrewrite=MAXREWRITE,
        max_connections=max_connections,
        threads=threads,
        connect_ms=_milliseconds(timeouts.connect_s),
        read_ms=_milliseconds(timeouts.read_s),
        write_ms=_milliseconds(timeouts.write_s),
        queue_ms=_milliseconds(timeouts.queue_s),
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


def _refuse_unknown_fallbacks(models: tuple[EdgeModel, ...]) -> None:
    for model in models:
        others = {other.name for other in models if other is not model}
        if model.fallback is not None and model.fallback not in others:
            raise ValueError(f"fallback of {model.name}: {model.fallback!r} is none of {sorted(others)}")
