"""What is done at once, and what waits until services that it needs are healthy again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, ServicePlan
    from toolkit.planning.reconcile import Action

Actions = tuple["Action", ...]


def stages(plan: Plan, actions: Actions) -> tuple[Actions, Actions]:
    """Return what is done at once, and what is held until services that it needs are healthy again.

    Models are never held: they wait for each other inside their containers.
    """
    touched = {action.service for action in actions if action.kind != "remove"}
    held = tuple(action for action in actions if touched & set(needs(plan, action)))
    if not held:
        return actions, ()
    # Only `up` without names removes, and that starts everything.
    late = tuple(action for action in actions if action in held or action.kind == "remove")
    return tuple(action for action in actions if action not in late), late


def needs(plan: Plan, action: Action) -> tuple[str, ...]:
    """Return the services that the one of `action` needs; none for one that the plan does not have."""
    service = plan.service(action.service)
    return () if service is None else service.needs


def first_users(plan: Plan, actions: Actions) -> tuple[str, ...]:
    """Return of each volume that several services to be created share, and that their image fills, the first user.

    The engine copies what the image has there into an empty volume when a container is created; two at once get in
    each other's way, and one of them is refused ("mkdir ...: file exists").
    """
    created = {action.service for action in actions if action.kind == "create"}
    unfilled = {owned.name for owned in plan.owned_volumes}
    users: dict[str, list[str]] = {}
    for service in plan.services:
        for mount in service.mounts:
            is_filled = mount.kind == "volume" and not mount.memory_bytes and mount.source not in unfilled
            if is_filled and service.name in created:
                users.setdefault(mount.source, []).append(service.name)
    return tuple(dict.fromkeys(names[0] for names in users.values() if len(names) > 1))


def concerned(plan: Plan, actions: Actions) -> tuple[ServicePlan, ...]:
    """Return the services of `plan` to which something else is done than to remove them."""
    names = {action.service for action in actions if action.kind != "remove"}
    return tuple(service for service in plan.services if service.name in names)
