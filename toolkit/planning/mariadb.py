"""MariaDB: its buffer pool from the container's limit, its accounts from secret files."""

from __future__ import annotations

from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, Mount, Reason, Scratch, SecretFile, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.settings.mariadb import Mariadb
from toolkit.units import MIB, config_size

PORT = 3306
_SMALLEST_POOL = 64 * MIB


def buffer_pool(section: Mariadb, limit_bytes: int) -> Reason:
    """Return innodb_buffer_pool_size in bytes, in whole MiB, from the container's limit.

    The share of the limit, less where `reserve` (the server itself, its connections, temporary tables) would
    not fit beside it; never under 64 MiB, where InnoDB starts to thrash.
    """
    share = int(limit_bytes * section.buffer_pool_share)
    beside = limit_bytes - section.reserve
    value = max(min(share, beside), _SMALLEST_POOL) // MIB * MIB
    return Reason(
        value=value,
        formula="max(min(memory × buffer_pool_share, memory − reserve), 64MiB)",
        inputs={
            "services.mariadb.memory": limit_bytes,
            "services.mariadb.buffer_pool_share": section.buffer_pool_share,
            "services.mariadb.reserve": section.reserve,
        },
        source="75 % for a dedicated server, less where connections and the server itself would not fit",
    )


def plan_mariadb(site: Site) -> ServicePlan:
    """Return the service `mariadb`."""
    section = site.settings.services.mariadb
    pin = PINS["mariadb"]
    user = user_of(site.settings.run_as, pin)
    return ServicePlan(
        name="mariadb",
        fragment="mariadb",
        pin="mariadb",
        image=site.image(pin),
        user=str(user),
        environment={
            "MARIADB_DATABASE": section.database,
            "MARIADB_USER": section.user,
            "MARIADB_PASSWORD_FILE": "/run/secrets/mariadb-password",
            # Root comes by the socket inside the container, never over the network.
            "MARIADB_ROOT_HOST": "localhost",
            "MARIADB_ROOT_PASSWORD_FILE": "/run/secrets/mariadb-root-password",
        },
        networks=site.networks("mariadb", "data"),
        ports=site.private_ports("mariadb", PORT, PORT),
        mounts=(Mount("volume", "mariadb-data", "/var/lib/mysql", read_only=False),),
        # Temporary tables that outgrow memory, and the socket of the local client.
        scratch=(Scratch("/tmp", 256 * MIB), Scratch("/run/mysqld", MIB)),  # noqa: S108 - in the container
        secrets=tuple(
            SecretFile(n, user.uid, user.gid) for n in ("mariadb-root-password", "mariadb-password")
        ),
        config=ConfigFiles(
            ("mariadb/my.cnf.j2",), "/etc/mysql/conf.d", _values(section, site.memory["mariadb"])
        ),
        **site.leaves("mariadb"),
    )


def _values(section: Mariadb, limit_bytes: int) -> dict[str, object]:
    return {
        "buffer_pool": config_size(int(str(buffer_pool(section, limit_bytes).value))),
        "log_file_size": config_size(section.log_file_size),
        "log_buffer_size": config_size(section.log_buffer_size),
        "max_connections": section.max_connections,
        "thread_cache_size": section.thread_cache_size,
        "slow_query_s": section.slow_query_after,
    }
