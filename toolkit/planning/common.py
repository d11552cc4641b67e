"""What every service plan takes from its section in the same way."""

from __future__ import annotations

from typing import TypedDict

from toolkit.planning.plan import HealthTimings
from toolkit.settings.common import Health, Service
from toolkit.settings.root import Engine

# Engine 25 is the first that runs checks faster while a container starts.
_START_INTERVAL_SINCE = 25
_START_INTERVAL_S = 1.0


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
