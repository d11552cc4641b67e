"""MariaDB: its buffer pool from the container's limit, its accounts from secret files."""

from __future__ import annotations

from toolkit.planning.common import limits, user_of
from toolkit.planning.images import ImagePin
from toolkit.planning.plan import ConfigFiles, Mount, Reason, Scratch, SecretFile, ServicePlan
from toolkit.settings.mariadb import Mariadb
from toolkit.settings.root import Settings
from toolkit.units import MIB, config_size

_SMALLEST_POOL = 64 * MIB


def buffer_pool(section: Mariadb) -> Reason:
    """Return innodb_buffer_pool_size in bytes, in whole MiB.

    The share of the limit, less where `reserve` (the server itself, its connections, temporary tables) would
    not fit beside it; never under 64 MiB, where InnoDB starts to thrash.
    """
    share = int(section.memory * section.buffer_pool_share)
    beside = section.memory - section.reserve
    value = max(min(share, beside), _SMALLEST_POOL) // MIB * MIB
    return Reason(
        value=value,
        formula="max(min(memory × buffer_pool_share, memory − reserve), 64MiB)",
        inputs={
            "services.mariadb.memory": section.memory,
            "services.mariadb.buffer_pool_share": section.buffer_pool_share,
            "services.mariadb.reserve": section.reserve,
        },
        source="75 % for a dedicated server, less where connections and the server itself would not fit",
    )


def plan_mariadb(settings: Settings, pin: ImagePin, image: str) -> ServicePlan:
    """Return the service `mariadb`."""
    section = settings.services.mariadb
    user = user_of(settings.run_as, pin)
    return ServicePlan(
        name="mariadb",
        fragment="mariadb",
        pin="mariadb",
        image=image,
        user=str(user),
        environment={
            "MARIADB_DATABASE": section.database,
            "MARIADB_USER": section.user,
            "MARIADB_PASSWORD_FILE": "/run/secrets/mariadb-password",
            # Root comes by the socket inside the container, never over the network.
            "MARIADB_ROOT_HOST": "localhost",
            "MARIADB_ROOT_PASSWORD_FILE": "/run/secrets/mariadb-root-password",
        },
        mounts=(Mount("volume", "mariadb-data", "/var/lib/mysql", read_only=False),),
        # Temporary tables that outgrow memory, and the socket of the local client.
        scratch=(Scratch("/tmp", 256 * MIB), Scratch("/run/mysqld", MIB)),  # noqa: S108 - in the container
        secrets=tuple(
            SecretFile(n, user.uid, user.gid) for n in ("mariadb-root-password", "mariadb-password")
        ),
        config=ConfigFiles(("mariadb/my.cnf.j2",), "/etc/mysql/conf.d", _values(section)),
        **limits(section, settings.engine),
    )


def _values(section: Mariadb) -> dict[str, object]:
    return {
        "buffer_pool": config_size(int(str(buffer_pool(section).value))),
        "log_file_size": config_size(section.log_file_size),
        "log_buffer_size": config_size(section.log_buffer_size),
        "max_connections": section.max_connections,
        "thread_cache_size": section.thread_cache_size,
        "slow_query_s": section.slow_query_after,
    }
