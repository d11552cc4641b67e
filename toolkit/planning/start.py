"""What a start takes: whom a service waits for by itself, and how long it may take; types and sums without settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from toolkit.values import Value

if TYPE_CHECKING:
    from toolkit.planning.plan import ServicePlan

# What is expected is a mean of a quiet machine; one that has several things to do takes a multiple of it.
PATIENCE = 3.0


class Before(Value):
    """A model server that has to have answered first: the service, and the name under which it counts answers."""

    service: str
    served_name: str


class Start(Value):
    """Whom a container waits for before its server starts, and how long that is expected to load, in seconds.

    `fetch_s` is what the weights add where they have to be fetched first. Both are 0 for what loads no model.
    """

    after: tuple[Before, ...] = ()
    load_s: float = 0.0
    fetch_s: float = 0.0


def own_budget_s(service: ServicePlan, *, cached: bool) -> float:
    """Return how long a service may take once nothing else holds it up.

    A model: its expected load, with the fetching of its weights unless they are `cached`, times `PATIENCE`, then all
    tries of its health check. Anything else: its start period, then all tries: after that the engine gives it up.
    """
    health, start = service.health, service.start
    tries_s = health.retries * (health.interval_s + health.timeout_s)
    if not start.load_s:
        return health.start_period_s + tries_s
    expected_s = start.load_s + (0.0 if cached else start.fetch_s)
    return PATIENCE * expected_s + tries_s


def budgets(services: Iterable[ServicePlan], cached: Collection[str]) -> Mapping[str, float]:
    """Return the seconds that each service may take from now on, with those that it waits for.

    `cached` are the services whose weights need not be fetched.
    """
    by_name = {service.name: service for service in services}
    known: dict[str, float] = {}

    def budget_s(name: str) -> float:
        if name not in known:
            service = by_name[name]
            before = (budget_s(one.service) for one in service.start.after if one.service in by_name)
            known[name] = max(before, default=0.0) + own_budget_s(service, cached=name in cached)
        return known[name]

    return {name: budget_s(name) for name in by_name}
