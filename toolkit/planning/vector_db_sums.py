"""PostgreSQL's memory as sums over the container's limit, its workers from the cores, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.planning.plan import Reason
from toolkit.settings.vector_db import VectorDb
from toolkit.units import MIB, format_bytes

AUTOVACUUM_WORKERS = 3
LEAST_PROCESSES = 8
_KEY = "services.vector_db"
# PostgreSQL's own default: with less, nearly every index would be built in pieces.
_LEAST_MAINTENANCE = 64 * MIB
# What /dev/shm of a container has anyway: queues and hash tables of parallel queries.
_QUERY_SHM = 64 * MIB
# pgvector's own example; more workers contend for the graph's locks.
_MOST_BUILDERS = 7


def shared_buffers(section: VectorDb, limit_bytes: int) -> Reason:
    """Return shared_buffers in bytes, in whole MiB, from the container's limit."""
    return _share(
        section,
        limit_bytes,
        "shared_buffers_share",
        0,
        "25 % is PostgreSQL's own advice (runtime-config-resource)",
    )


def effective_cache(section: VectorDb, limit_bytes: int) -> Reason:
    """Return effective_cache_size in bytes: nothing is allocated, the planner of queries reckons with it."""
    return _share(
        section,
        limit_bytes,
        "effective_cache_share",
        0,
        "shared buffers and page cache together, and the container's limit holds both (runtime-config-query)",
    )


def maintenance_memory(section: VectorDb, limit_bytes: int) -> Reason:
    """Return maintenance_work_mem in bytes, never under 64 MiB: the graph of an HNSW index is built within it."""
    return _share(
        section,
        limit_bytes,
        "maintenance_share",
        _LEAST_MAINTENANCE,
        "an HNSW index is built much faster while its graph fits (pgvector README, Index Build Time)",
    )


def _share(section: VectorDb, limit_bytes: int, key: str, least: int, source: str) -> Reason:
    share = getattr(section, key)
    value = max(int(limit_bytes * share), least) // MIB * MIB
    formula = f"max(memory_limit × {key}, {format_bytes(least)})" if least else f"memory_limit × {key}"
    inputs = {f"{_KEY}.memory_limit": limit_bytes, f"{_KEY}.{key}": share}
    return Reason(value, formula, inputs, source, "bytes")


def shared_memory(section: VectorDb, limit_bytes: int) -> Reason:
    """Return the bytes of /dev/shm: the graph of one parallel build, and what parallel queries exchange."""
    maintenance = in_bytes(maintenance_memory(section, limit_bytes))
    return Reason(
        value=maintenance + _QUERY_SHM,
        formula="maintenance_work_mem + 64MiB",
        inputs={f"{_KEY}.maintenance_work_mem": maintenance},
        source="a parallel build allocates all of maintenance_work_mem there (pgvector README, --shm-size)",
        unit="bytes",
    )


def sorts_together(section: VectorDb, limit_bytes: int) -> Reason:
    """Return what one sort of every connection would take at once: told, not refused, as it is rare."""
    left = limit_bytes - sum(fixed_parts(section, limit_bytes).values())
    together = section.max_connections * section.work_mem
    fits = "fits into" if together <= left else "is more than"
    return Reason(
        value=together,
        formula=f"max_connections × work_mem; it {fits} the {format_bytes(left)} beside the fixed parts",
        inputs={f"{_KEY}.max_connections": section.max_connections, f"{_KEY}.work_mem": section.work_mem},
        source="work_mem is for each sort or hash, not for each server (runtime-config-resource)",
        unit="bytes",
    )


def builders(cpus: float) -> Reason:
    """Return max_parallel_maintenance_workers: one for each core beside the leader's, 7 at most."""
    return Reason(
        value=max(0, min(_MOST_BUILDERS, int(cpus) - 1)),
        formula="min(7, whole cores − 1)",
        inputs={f"{_KEY}.cpus": cpus},
        source="the leader builds, too (pgvector README, max_parallel_maintenance_workers)",
    )


def reasons(section: VectorDb, limit_bytes: int, cpus: float) -> dict[str, Reason]:
    """Return every derived value of the vector database by its key."""
    return {
        f"{_KEY}.shared_buffers": shared_buffers(section, limit_bytes),
        f"{_KEY}.effective_cache_size": effective_cache(section, limit_bytes),
        f"{_KEY}.maintenance_work_mem": maintenance_memory(section, limit_bytes),
        f"{_KEY}.autovacuum_work_mem": autovacuum_memory(section, limit_bytes),
        f"{_KEY}.shm_size": shared_memory(section, limit_bytes),
        f"{_KEY}.work_mem_together": sorts_together(section, limit_bytes),
        **_workers(cpus),
    }


def _workers(cpus: float) -> dict[str, Reason]:
    """Return how many processes beside the servers of connections may work, by their keys."""
    own, building = {f"{_KEY}.cpus": cpus}, builders(cpus)
    helpers = int(str(building.value))
    chain = {f"{_KEY}.max_parallel_maintenance_workers": helpers}
    return {
        f"{_KEY}.max_parallel_maintenance_workers": building,
        f"{_KEY}.max_worker_processes": Reason(
            max(LEAST_PROCESSES, helpers + 1),
            "max(8, max_parallel_maintenance_workers + 1)",
            chain,
            "8 is PostgreSQL's own default (runtime-config-resource, max_worker_processes)",
        ),
        f"{_KEY}.max_parallel_workers": Reason(
            max(1, int(cpus)), "max(1, whole cores)", own, "more processes than cores only take turns"
        ),
        f"{_KEY}.max_parallel_workers_per_gather": Reason(
            min(2, helpers),
            "min(2, max_parallel_maintenance_workers)",
            chain,
            "2 is PostgreSQL's own default for one query, where there are cores for it",
        ),
        f"{_KEY}.autovacuum_max_workers": Reason(
            AUTOVACUUM_WORKERS, "fixed", {}, "PostgreSQL's own default; the sum counts on it"
        ),
    }


def in_bytes(reason: Reason) -> int:
    """Return the value of a reason whose value is an amount."""
    return int(str(reason.value))


def autovacuum_memory(section: VectorDb, limit_bytes: int) -> Reason:
    """Return autovacuum_work_mem in bytes: by default each of its workers would have all of the maintenance's."""
    maintenance = in_bytes(maintenance_memory(section, limit_bytes))
    return Reason(
        value=maintenance // AUTOVACUUM_WORKERS // MIB * MIB,
        formula=f"maintenance_work_mem / {AUTOVACUUM_WORKERS} workers",
        inputs={f"{_KEY}.maintenance_work_mem": maintenance},
        unit="bytes",
        source="it may be allocated by each worker at once (runtime-config-resource, autovacuum_work_mem)",
    )


def fixed_parts(section: VectorDb, limit_bytes: int) -> Mapping[str, int]:
    """Return what may be in use at the same time, in bytes; /dev/shm counts against the container's limit."""
    return {
        "shared_buffers": in_bytes(shared_buffers(section, limit_bytes)),
        "/dev/shm": in_bytes(shared_memory(section, limit_bytes)),  # noqa: S108 - a name in a sum
        "autovacuum": in_bytes(autovacuum_memory(section, limit_bytes)) * AUTOVACUUM_WORKERS,
        "reserve": section.reserve,
    }
