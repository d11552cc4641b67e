"""What stands against what shall stand → actions, each with its cause; the executor decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from toolkit.facts import ContainerFact
from toolkit.values import Value

Kind = Literal["create", "recreate", "start", "restart", "remove"]


class Wanted(Value):
    """A service as rendered: the hash of its definition, its image, how many containers it has.

    One `on_demand` is nobody's default: it is looked after only while it runs.
    """

    service: str
    definition: str
    image: str
    replicas: int = 1
    on_demand: bool = False


class Action(Value):
    """What has to be done to one service, and why."""

    service: str
    kind: Kind
    cause: str


def reconcile(
    wanted: Iterable[Wanted], seen: Iterable[ContainerFact], image_ids: Mapping[str, str], label: str
) -> tuple[Action, ...]:
    """Return the actions that lead from `seen` to `wanted`, in the order of the services.

    `image_ids` gives the id of each image reference that is on the machine; `label` is the container label
    that holds the hash of the definition it was made from.
    """
    by_service: dict[str, list[ContainerFact]] = {}
    for fact in seen:
        by_service.setdefault(fact.service, []).append(fact)
    actions = [
        action
        for want in wanted
        if (action := _action(want, by_service.pop(want.service, []), image_ids.get(want.image), label))
    ]
    return (
        *actions,
        *(Action(name, "remove", "the profile has no such service") for name in sorted(by_service)),
    )


def _action(want: Wanted, facts: list[ContainerFact], image_id: str | None, label: str) -> Action | None:
    if want.on_demand and not any(fact.state == "running" for fact in facts):
        return None
    if not facts:
        return Action(want.service, "create", "it is not there")
    found = (_difference(want, fact, image_id, label) for fact in facts)
    if (action := next((one for one in found if one), None)) is not None:
        return action
    if len(facts) != want.replicas:
        return Action(want.service, "create", f"{len(facts)} of {want.replicas} replicas are there")
    return None


def _difference(want: Wanted, fact: ContainerFact, image_id: str | None, label: str) -> Action | None:
    if fact.labels.get(label) != want.definition:
        return Action(want.service, "recreate", "its definition changed")
    if image_id is not None and fact.image_id != image_id:
        return Action(want.service, "recreate", f"{want.image} is another image now")
    if fact.state != "running":
        return Action(want.service, "start", f"it is {fact.state} (exit code {fact.exit_code})")
    if fact.health == "unhealthy":
        return Action(want.service, "restart", "its health check fails")
    return None
