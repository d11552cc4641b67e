"""MariaDB's memory as sums over the container's limit: what its connections may need, what is left for the pool."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.errors import Problem
from toolkit.planning.plan import Reason
from toolkit.settings.mariadb import Mariadb
from toolkit.units import MIB, about_gib, format_bytes

_KEY = "services.mariadb"
_SMALLEST_POOL = 64 * MIB
# What each connection may allocate beside its temporary tables (MariaDB, "Memory allocation").
PER_CONNECTION = (
    "sort_buffer_size",
    "join_buffer_size",
    "read_buffer_size",
    "read_rnd_buffer_size",
    "thread_stack",
)
SIZES = ("log_file_size", "log_buffer_size", "tmp_table_size", *PER_CONNECTION)


def connections(section: Mariadb) -> Reason:
    """Return the bytes that all connections may need at once: their buffers and stacks."""
    each = {f"{_KEY}.{name}": getattr(section, name) for name in PER_CONNECTION}
    return Reason(
        value=section.max_connections * sum(each.values()),
        formula="max_connections × (sort + join + read + read_rnd buffer + thread_stack)",
        inputs={f"{_KEY}.max_connections": section.max_connections, **each},
        source="MariaDB, Memory allocation: each connection may have one of each",
        unit="bytes",
    )


def buffer_pool(section: Mariadb, limit_bytes: int) -> Reason:
    """Return innodb_buffer_pool_size in bytes, in whole MiB, from the container's limit.

    The share of the limit; less where connections and `reserve` (the server itself) would not fit beside it; never
    under 64 MiB, where InnoDB starts to thrash.
    """
    together = int(str(connections(section).value))
    beside = limit_bytes - section.reserve - together
    share = int(limit_bytes * section.buffer_pool_share)
    return Reason(
        value=max(min(share, beside), _SMALLEST_POOL) // MIB * MIB,
        formula="max(min(memory_limit × buffer_pool_share, memory_limit − reserve − connections), 64MiB)",
        inputs={
            f"{_KEY}.memory_limit": limit_bytes,
            f"{_KEY}.buffer_pool_share": section.buffer_pool_share,
            f"{_KEY}.reserve": section.reserve,
            f"{_KEY}.connections_together": together,
        },
        source="70 to 80 % of a dedicated server (MariaDB, innodb_buffer_pool_size), less where the rest would not fit",
        unit="bytes",
    )


def temporary_tables(section: Mariadb, limit_bytes: int) -> Reason:
    """Return what one temporary table of every connection would take at once: told, not refused, as it is rare."""
    together = section.max_connections * section.tmp_table_size
    left = max(0, _beside_pool(section, limit_bytes))
    fits = "fits into" if together <= left else "is more than"
    return Reason(
        value=together,
        formula=f"max_connections × tmp_table_size; it {fits} the {format_bytes(left // MIB * MIB)} that are left",
        inputs={
            f"{_KEY}.max_connections": section.max_connections,
            f"{_KEY}.tmp_table_size": section.tmp_table_size,
        },
        source="a larger temporary table goes to disk (MariaDB, tmp_table_size)",
        unit="bytes",
    )


def too_many_connections(section: Mariadb, limit_bytes: int) -> tuple[Problem, ...]:
    """Return a warning where even beside the smallest pool the connections would not fit."""
    missing = -_beside_pool(section, limit_bytes)
    if missing <= 0:
        return ()
    each = sum(getattr(section, name) for name in PER_CONNECTION)
    together = int(str(connections(section).value))
    room = max(0, limit_bytes - section.reserve - _SMALLEST_POOL)
    step = f"lower {_KEY}.max_connections to {max(10, room // each)}, or raise {_KEY}.memory"
    rows = (
        f"{section.max_connections} connections {about_gib(together)}, {format_bytes(each)} each",
        f"the server itself {about_gib(section.reserve)}, the smallest pool {about_gib(_SMALLEST_POOL)}",
        f"the container {about_gib(limit_bytes)}",
    )
    return (
        Problem(
            f"{_KEY}.max_connections",
            "all at once they may need more than the container has",
            "\n".join(rows),
            step,
        ),
    )


def _beside_pool(section: Mariadb, limit_bytes: int) -> int:
    pool, together = (
        int(str(one.value)) for one in (buffer_pool(section, limit_bytes), connections(section))
    )
    return limit_bytes - pool - section.reserve - together


def reasons(section: Mariadb, limit_bytes: int) -> Mapping[str, Reason]:
    """Return every derived value of my.cnf by its key, and what it rests on."""
    return {
        f"{_KEY}.connections_together": connections(section),
        f"{_KEY}.innodb_buffer_pool_size": buffer_pool(section, limit_bytes),
        f"{_KEY}.temporary_tables_together": temporary_tables(section, limit_bytes),
        f"{_KEY}.long_query_time": Reason(
            value=section.slow_query_after,
            formula="slow_query_after in seconds",
            inputs={f"{_KEY}.slow_query_after": section.slow_query_after},
            source="the profile",
            unit="s",
        ),
    }
