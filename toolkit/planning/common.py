"""What every service plan takes from its section in the same way."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

from toolkit.planning.images import ImagePin
from toolkit.planning.plan import HealthTimings
from toolkit.settings.common import Health, Service
from toolkit.settings.root import Engine, RunAs

# Engine 25 is the first that runs checks faster while a container starts.
_START_INTERVAL_SINCE = 25
_START_INTERVAL_S = 1.0


class User(NamedTuple):
    """Whom a container's processes run as."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


def user_of(run_as: RunAs, pin: ImagePin) -> User:
    """Return the user that the profile names, else the image's own."""
    return User(
        pin.uid if run_as.uid is None else run_as.uid,
        pin.gid if run_as.gid is None else run_as.gid,
    )


class Limits(TypedDict):
    """The leaves of a ServicePlan that come straight from the section."""

    memory_bytes: int
    cpus: float
    pids: int
    health: HealthTimings


def limits(section: Service, engine: Engine) -> Limits:
    """Return memory in bytes, CPUs, processes and health timings of a service."""
    return Limits(
        memory_bytes=section.memory,
        cpus=section.cpus,
        pids=section.pids,
        health=_timings(section.health, engine),
    )


def _timings(health: Health, engine: Engine) -> HealthTimings:
    quick = int(engine.version.split(".")[0]) >= _START_INTERVAL_SINCE
    return HealthTimings(
        interval_s=health.interval,
        timeout_s=health.timeout,
        retries=health.retries,
        start_period_s=health.start_period,
        start_interval_s=_START_INTERVAL_S if quick else None,
    )
