"""Redis: its memory from the container's limit, its users by hash."""

from __future__ import annotations

import hashlib

from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, DigestFile, Mount, Reason, Scratch, SecretFile, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.planning.sysctls import OVERCOMMIT
from toolkit.settings.redis import Redis
from toolkit.units import MIB

PORT = 6379
_CONFIG_DIR = "/usr/local/etc/redis"
_ACL_DIR = "/run/redis-acl"
_CORES_FOR_THREADS = 4
_ACL = """\
user default off
user health on nopass resetchannels -@all +ping
user app on #{sha256:redis-app-password} ~* &* +@all -@admin -@dangerous +info +keys +flushdb
user admin on #{sha256:redis-admin-password} ~* &* +@all
"""


def maxmemory(section: Redis, limit_bytes: int) -> Reason:
    """Return Redis' maxmemory in bytes, from the container's limit.

    Without persistence 87.5 % of the limit; with it half, because the child that saves can come to hold a
    copy of every page (https://redis.io/docs/latest/operate/oss_and_stack/management/admin/).
    """
    share = "maxmemory_share_persistent" if section.persistence else "maxmemory_share"
    return Reason(
        value=int(limit_bytes * getattr(section, share)),
        formula=f"memory_limit × {share}",
        inputs={
            "services.redis.memory_limit": limit_bytes,
            f"services.redis.{share}": getattr(section, share),
            "services.redis.persistence": section.persistence,
        },
        source="a fork for saving may copy every page: half the limit with persistence, 87.5 % without "
        "(Redis administration, memory)",
        unit="bytes",
    )


def io_threads(section: Redis) -> Reason:
    """Return Redis' io-threads: only where at least four cores are (redis.conf)."""
    return Reason(
        value=max(1, int(section.cpus) - 1) if section.cpus >= _CORES_FOR_THREADS else 1,
        formula="whole cores − 1 from 4 cores on, else 1",
        inputs={"services.redis.cpus": section.cpus},
        source="Redis' own advice (redis.conf, THREADED I/O): on fewer cores threads cost more than they bring",
    )


def reasons(section: Redis, limit_bytes: int) -> dict[str, Reason]:
    """Return every derived value of redis.conf by its key."""
    return {
        "services.redis.maxmemory": maxmemory(section, limit_bytes),
        "services.redis.io_threads": io_threads(section),
        "services.redis.idle_timeout_s": Reason(
            value=int(section.idle_timeout),
            formula="idle_timeout in whole seconds",
            inputs={"services.redis.idle_timeout": section.idle_timeout},
            source="the profile",
            unit="s",
        ),
    }


def plan_redis(site: Site) -> ServicePlan:
    """Return the service `redis`."""
    section = site.settings.services.redis
    pin = PINS["redis"]
    return ServicePlan(
        name="redis",
        fragment="redis",
        pin="redis",
        image=site.image(pin),
        user=str(user_of(site.settings.run_as, pin)),
        command=("redis-server", f"{_CONFIG_DIR}/redis.conf"),
        networks=site.networks("redis", "data"),
        ports=site.private_ports("redis", PORT, PORT),
        mounts=(Mount("volume", "redis-data", "/data", read_only=False),),
        scratch=(Scratch("/tmp", 16 * MIB),),  # noqa: S108 - in the container
        config=ConfigFiles(("redis/redis.conf.j2",), _CONFIG_DIR, _values(section, site.memory["redis"])),
        digest_file=_acl(),
        # A cache never saves.
        sysctls=(OVERCOMMIT,) if section.persistence else (),
        **site.leaves("redis"),
    )


def _acl() -> DigestFile:
    version = hashlib.sha256(_ACL.encode()).hexdigest()[:12]
    # The server knows the passwords by hash only; whoever connects reads the files.
    passwords = tuple(
        SecretFile(name, uid=0, gid=0) for name in ("redis-app-password", "redis-admin-password")
    )
    return DigestFile(f"redis/{version}", "users.acl", _ACL, _ACL_DIR, passwords)


def _values(section: Redis, limit_bytes: int) -> dict[str, object]:
    return {
        "maxmemory": maxmemory(section, limit_bytes).value,
        "maxmemory_policy": section.maxmemory_policy,
        "persistence": section.persistence,
        "max_clients": section.max_clients,
        "idle_timeout_s": int(section.idle_timeout),
        "io_threads": io_threads(section).value,
    }
