"""The vector database: PostgreSQL with pgvector, for one user beside its administrator."""

from __future__ import annotations

from toolkit.errors import Problem, UsageError
from toolkit.planning import vector_db_sums as sums
from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, Mount, Scratch, SecretFile, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.settings.vector_db import VectorDb
from toolkit.units import MIB, config_size

PORT = 5432
ADMIN = "postgres"
_CONFIG_DIR = "/etc/postgresql"
_KEY = "services.vector_db"
# Server, checkpointer, writers, launchers and the like, beside one process for each connection.
_OWN_PROCESSES = 24


def plan_vector_db(site: Site) -> ServicePlan:
    """Return the service `vector-db`. Raises UsageError where its parts exceed its limit."""
    section, limit = site.settings.services.vector_db, site.memory["vector_db"]
    _refuse_too_much(section, limit)
    _refuse_too_few_processes(section)
    pin = PINS["vector-db"]
    user = user_of(site.settings.run_as, pin)
    leaves = site.leaves("vector_db")
    names = {"user": section.user, "database": section.database}
    return ServicePlan(
        name="vector-db",
        fragment="vector-db",
        pin="vector-db",
        image=site.image(pin),
        user=str(user),
        command=(
            *("postgres", "-c", f"config_file={_CONFIG_DIR}/postgresql.conf"),
            *("-c", f"hba_file={_CONFIG_DIR}/pg_hba.conf"),
        ),
        environment={
            "POSTGRES_USER": ADMIN,
            "POSTGRES_PASSWORD_FILE": "/run/secrets/vector-db-admin-password",
            "POSTGRES_DB": section.database,
            "VECTOR_DB_USER": section.user,
        },
        networks=site.networks("vector_db", "data"),
        ports=site.private_ports("vector_db", PORT, PORT),
        shm_bytes=sums.in_bytes(sums.shared_memory(section, limit)),
        mounts=(Mount("volume", "vector-db-data", "/var/lib/postgresql/data", read_only=False),),
        scratch=(Scratch("/tmp", 16 * MIB), Scratch("/run/postgresql", MIB)),  # noqa: S108 - in the container
        secrets=tuple(
            SecretFile(n, user.uid, user.gid) for n in ("vector-db-admin-password", "vector-db-password")
        ),
        config=ConfigFiles(
            ("vector-db/postgresql.conf.j2", "vector-db/pg_hba.conf.j2"),
            _CONFIG_DIR,
            _values(section, limit, leaves["cpus"]),
        ),
        first_start=ConfigFiles(("vector-db/first-start.sql.j2",), "/docker-entrypoint-initdb.d", names),
        **leaves,
    )


def _values(section: VectorDb, limit_bytes: int, cpus: float) -> dict[str, object]:
    found = sums.reasons(section, limit_bytes, cpus)
    sizes = ("shared_buffers", "effective_cache_size", "maintenance_work_mem", "autovacuum_work_mem")
    counts = (
        *("max_worker_processes", "max_parallel_workers", "max_parallel_workers_per_gather"),
        *("max_parallel_maintenance_workers", "autovacuum_max_workers"),
    )
    return {
        "max_connections": section.max_connections,
        "work_mem": _size(section.work_mem),
        "index": section.index,
        **{name: _size(found[f"{_KEY}.{name}"].value) for name in sizes},
        **{name: found[f"{_KEY}.{name}"].value for name in counts},
    }


def _size(amount: object) -> str:
    """Return an amount as PostgreSQL reads it: kB, MB, GB; a bare number would be of another unit."""
    text = config_size(int(str(amount)) // 1024 * 1024)
    return text.replace("K", "kB").replace("M", "MB").replace("G", "GB")


def _refuse_too_much(section: VectorDb, limit_bytes: int) -> None:
    parts = sums.fixed_parts(section, limit_bytes)
    if sum(parts.values()) <= limit_bytes:
        return
    rows = {**parts, "together": sum(parts.values()), "the container": limit_bytes}
    raise UsageError(
        Problem(
            where=_KEY,
            what="its parts need more than its limit of memory",
            got="\n".join(f"{name:16} {amount / MIB:>8.0f} MiB" for name, amount in rows.items()),
            next_step=f"raise {_KEY}.memory, or lower shared_buffers_share, maintenance_share or reserve",
        )
    )


def _refuse_too_few_processes(section: VectorDb) -> None:
    needed = section.max_connections + _OWN_PROCESSES
    if needed <= section.pids:
        return
    raise UsageError(
        Problem(
            where=f"{_KEY}.pids",
            what=f"{section.max_connections} connections are as many processes, and {_OWN_PROCESSES} more",
            got=str(section.pids),
            next_step=f"raise {_KEY}.pids to {needed}, or lower {_KEY}.max_connections",
        )
    )
