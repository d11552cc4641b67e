"""Which of the plan's hosts a verb works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.planning.plan import Plan


def chosen_host(plan: Plan, named: str | None) -> str:
    """Return the host that is named, or the only one. Raises UsageError where it is unknown, or not clear which."""
    names = [host.name for host in plan.hosts]
    if named is None and len(names) == 1:
        return names[0]
    if named in names:
        return named
    known = ", ".join(names)
    if named is None:
        what = f"this profile has {len(names)} hosts: {known}"
        step = (
            "run it on each with --host NAME, or give each an engine: hosts.NAME.engine: ssh://user@address"
        )
        raise UsageError(Problem("--host", what, "", step))
    raise UsageError(Problem("--host", f"there is no host `{named}`", "", f"known: {known}"))


def chosen_hosts(plan: Plan, named: str | None) -> tuple[str, ...]:
    """Return the one host that is named, else all of them. Raises UsageError for an unknown one."""
    return tuple(host.name for host in plan.hosts) if named is None else (chosen_host(plan, named),)


def start_order(plan: Plan) -> tuple[str, ...]:
    """Return the hosts so that each comes after those whose services give it a password or a key.

    Where two need each other, the profile's order counts: from one place both have what they need anyway.
    """
    waiting = {host.name: plan.on_host(host.name) for host in plan.hosts}
    order: list[str] = []
    while waiting:
        free = [name for name, part in waiting.items() if not _waits_for(part, waiting)]
        order.append((free or list(waiting))[0])
        del waiting[order[-1]]
    return tuple(order)


def _waits_for(part: Plan, waiting: Mapping[str, Plan]) -> bool:
    needed = {secret.copy_of for secret in part.secret_copies} - part.made
    return any(needed & other.made for other in waiting.values())


def reached_hosts(plan: Plan, named: str | None) -> tuple[str, ...]:
    """Return the hosts whose engines a verb can reach: the named one, the only one, or all where each has an engine.

    Raises UsageError otherwise, naming the hosts.
    """
    if named is None and len(plan.hosts) > 1 and all(host.engine for host in plan.hosts):
        return chosen_hosts(plan, None)
    return (chosen_host(plan, named),)
