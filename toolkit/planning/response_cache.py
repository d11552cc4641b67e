"""What the response cache needs to know: how long and how much it keeps, how long the edge may take."""

from __future__ import annotations

from toolkit.planning.edge import CACHE_SOCKETS, EdgeValues
from toolkit.units import MIB
from toolkit.values import Value

DIRECTORY = "/var/cache/nginx"
CONFIG_DIR = "/etc/response-cache"
TEMPLATES = ("response-cache/nginx.conf.j2",)
# A socket file that a killed nginx left behind would stop the next one.
COMMAND = (
    "sh",
    "-c",
    f"rm -f {CACHE_SOCKETS}/cache.sock && exec nginx -e stderr -c {CONFIG_DIR}/nginx.conf",
)
KEYS_PER_MIB = 8000
SMALLEST_BYTES = 2 * MIB
LOCK_S = 30
_MICRO_SHARE = 16
_OWN_CONNECTIONS = 64


class ResponseCacheValues(Value):
    """Everything that nginx.conf is given; times in seconds, sizes in MiB, `body_limit` in bytes.

    `keys_mib` is the memory that its index takes; `inactive_s` is how long an answer is kept that nobody asks
    for; `lock_s` how long a question waits for the answer to the same one; `ask_s` how long the edge may take.
    """

    sockets: str
    directory: str
    workers: int
    connections: int
    body_limit: int
    keys_mib: int
    answers_mib: int
    micro_mib: int
    ttl_s: int
    inactive_s: int
    micro_ttl_s: int
    lock_s: int
    ask_s: int


def response_cache_values(
    edge: EdgeValues, *, ttl_s: float, entries: int, size_bytes: int, micro_ttl_s: float, cpus: float
) -> ResponseCacheValues:
    """Return the values of the cache behind `edge`.

    An answer counts for `ttl_s`, and as long again where no model answers. A sixteenth of the size is for
    what is kept for seconds. Raises ValueError where the size is under 2 MiB.
    """
    if size_bytes < SMALLEST_BYTES:
        raise ValueError(f"size of the response cache: {size_bytes} bytes are under {SMALLEST_BYTES}")
    size_mib = size_bytes // MIB
    micro_mib = max(1, size_mib // _MICRO_SHARE)
    return ResponseCacheValues(
        sockets=CACHE_SOCKETS,
        directory=DIRECTORY,
        workers=max(1, int(cpus)),
        # Each request has a connection from the edge and one back to it.
        connections=2 * edge.max_connections + _OWN_CONNECTIONS,
        body_limit=edge.body_limit,
        keys_mib=keys_mib(entries),
        answers_mib=size_mib - micro_mib,
        micro_mib=micro_mib,
        ttl_s=_whole(ttl_s),
        inactive_s=2 * _whole(ttl_s),
        micro_ttl_s=_whole(micro_ttl_s),
        lock_s=LOCK_S,
        ask_s=_whole(edge.ask_ms / 1000),
    )


def keys_mib(entries: int) -> int:
    """Return the MiB of memory that the index of `entries` answers takes: 8000 fit into one (nginx's manual)."""
    return max(1, -(-entries // KEYS_PER_MIB))


def _whole(seconds: float) -> int:
    # nginx takes no parts of a second, and 0 would mean never.
    return max(1, round(seconds))
