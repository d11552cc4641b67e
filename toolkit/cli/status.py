"""The table of `status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.reconcile import Action

_REMARKS = {
    "warming": "is being warmed up, see .toolkit/*/warm-up.log",
    "cold": "not warmed up since its start: `toolkit warmup`",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A service, its container if there is one, and what `up` would do to it."""

    service: str
    fact: ContainerFact | None
    action: Action | None
    warmth: str = ""
    """`warm`, `warming` or `cold` for a model server that runs; empty for anything else."""

    @property
    def state(self) -> str:
        """One word: the health where there is a check, else the engine's state; `absent` if not there."""
        if self.fact is None:
            return "absent"
        return (self.fact.health or "running") if self.fact.state == "running" else self.fact.state

    @property
    def good(self) -> bool:
        """Whether it is healthy and as the profile says."""
        return self.action is None and self.fact is not None and self.fact.healthy


def rows_of(
    plan: Plan, seen: Iterable[ContainerFact], actions: Iterable[Action], warmth: Mapping[str, str]
) -> tuple[Row, ...]:
    """Return a row for each service of the plan, then one for each container that the plan does not know.

    `warmth` gives that of the model servers that run.
    """
    by_service = {fact.service: fact for fact in seen}
    by_action = {action.service: action for action in actions}
    names = [service.name for service in plan.services]
    names += sorted(set(by_service) - set(names))
    return tuple(Row(name, by_service.get(name), by_action.get(name), warmth.get(name, "")) for name in names)


def status_json(plan: Plan, rows: Iterable[Row]) -> dict[str, Any]:
    """Return the table for machines."""
    services = [
        {
            "service": row.service,
            "state": row.state,
            "restarts": row.fact.restart_count if row.fact else 0,
            "started_at": row.fact.started_at if row.fact else "",
            "oom_killed": bool(row.fact and row.fact.oom_killed),
            "warmth": row.warmth,
            "differs": row.action.cause if row.action else "",
        }
        for row in rows
    ]
    return {"environment": plan.environment, "project": plan.project, "services": services}


def status_text(plan: Plan, rows: Iterable[Row]) -> str:
    """Return the table for people; a remark only where there is something to remark."""
    lines = [f"{plan.project}"]
    for row in rows:
        remarks = []
        if row.fact is not None and row.fact.restart_count:
            remarks.append(f"{row.fact.restart_count} restarts")
        if row.warmth in _REMARKS:
            remarks.append(_REMARKS[row.warmth])
        if row.action is not None:
            remarks.append(f"`toolkit up` will {row.action.kind} it: {row.action.cause}")
        lines.append(f"  {row.service:14} {row.state:10} {'; '.join(remarks)}".rstrip())
    return "\n".join(lines)
