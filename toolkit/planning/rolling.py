"""Which model servers can be replaced while an equal one serves, and what is to be expected of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from toolkit.values import Value

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.reconcile import Action


class Turn(Value):
    """A model server that is replaced, and its pool at the edge."""

    service: str
    pool: str


def turns(plan: Plan, actions: Iterable[Action], seen: Collection[ContainerFact]) -> tuple[Turn, ...]:
    """Return the healthy model servers that are recreated although another one of their pool serves.

    None without an edge that runs on this host and stays: nobody else could lead requests around.
    """
    doing = {action.service: action.kind for action in actions}
    healthy = {fact.service for fact in seen if fact.healthy}
    if "edge" not in healthy or "edge" in doing:
        return ()
    return tuple(
        Turn(name, model.services[0])
        for model in plan.models
        for name in model.services
        if doing.get(name) == "recreate" and name in healthy and len(healthy & set(model.services)) > 1
    )


def outages_to_expect(
    plan: Plan, actions: Iterable[Action], seen: Collection[ContainerFact]
) -> dict[str, float]:
    """Return for each model that will lose its last server the seconds that loading is expected to take."""
    in_turn = {turn.service for turn in turns(plan, actions, seen)}
    gone = {action.service for action in actions if action.kind in {"recreate", "restart"}} - in_turn
    healthy = {fact.service for fact in seen if fact.healthy}
    found = {}
    for model in plan.models:
        serving = healthy & set(model.services)
        if serving and serving <= gone:
            found[model.served_name] = min(s.start.load_s for s in plan.services if s.name in serving)
    return found
