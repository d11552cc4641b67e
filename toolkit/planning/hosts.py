"""Which of the plan's hosts a verb works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError

if TYPE_CHECKING:
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


def reached_hosts(plan: Plan, named: str | None) -> tuple[str, ...]:
    """Return the hosts whose engines a verb can reach: the named one, the only one, or all where each has an engine.

    Raises UsageError otherwise, naming the hosts.
    """
    if named is None and len(plan.hosts) > 1 and all(host.engine for host in plan.hosts):
        return chosen_hosts(plan, None)
    return (chosen_host(plan, named),)
