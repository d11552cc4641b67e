"""What stands against what shall stand → actions, each with its cause; the executor decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from toolkit.facts import ContainerFact

Kind = Literal["create", "recreate", "start", "restart", "remove"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service as rendered: the hash of its definition and the reference of its image."""

    service: str
    definition: str
    image: str


@dataclass(frozen=True, slots=True)
class Action:
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
    by_service = {fact.service: fact for fact in seen}
    actions = [
        action
        for want in wanted
        if (action := _action(want, by_service.pop(want.service, None), image_ids.get(want.image), label))
    ]
    return (
        *actions,
        *(Action(name, "remove", "the profile has no such service") for name in sorted(by_service)),
    )


def _action(want: Wanted, fact: ContainerFact | None, image_id: str | None, label: str) -> Action | None:
    if fact is None:
        return Action(want.service, "create", "it is not there")
    if fact.labels.get(label) != want.definition:
        return Action(want.service, "recreate", "its definition changed")
    if image_id is not None and fact.image_id != image_id:
        return Action(want.service, "recreate", f"{want.image} is another image now")
    if fact.state != "running":
        return Action(want.service, "start", f"it is {fact.state} (exit code {fact.exit_code})")
    if fact.health == "unhealthy":
        return Action(want.service, "restart", "its health check fails")
    return None
