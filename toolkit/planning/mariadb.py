"""MariaDB: its buffer pool from the container's limit, its accounts from secret files."""

from __future__ import annotations

from toolkit.planning.images import PINS
from toolkit.planning.mariadb_sums import SIZES, buffer_pool
from toolkit.planning.plan import ConfigFiles, Mount, Scratch, SecretFile, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.settings.mariadb import Mariadb
from toolkit.units import MIB, config_size

PORT = 3306


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
    """Return the values of my.cnf: amounts as MariaDB reads them, K, M or G; every one by its own name."""
    pool = int(str(buffer_pool(section, limit_bytes).value))
    return {
        "innodb_buffer_pool_size": config_size(pool),
        **{name: config_size(getattr(section, name)) for name in SIZES},
        "max_connections": section.max_connections,
        # MariaDB itself keeps no more threads than it has connections, and says nothing.
        "thread_cache_size": min(section.thread_cache_size, section.max_connections),
        "long_query_time": section.slow_query_after,
    }
