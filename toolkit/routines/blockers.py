"""What of the project itself stands in the way of a deploy; what the machine lacks, preflight finds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from toolkit.errors import Problem
from toolkit.facts import ContainerFact
from toolkit.planning.cards import shared_with
from toolkit.planning.plan import Plan, ServicePlan
from toolkit.probes.containers import MADE_FROM_LABEL


def foreign_problems(seen: Iterable[ContainerFact], bundle_dir: Path) -> tuple[Problem, ...]:
    """Return a problem where containers of this project were made from another directory that is still there.

    Two directories with one project name would undo each other, and one has the secrets of the other's data.
    """
    others = {fact.labels.get(MADE_FROM_LABEL, "") for fact in seen} - {"", str(bundle_dir)}
    return tuple(
        Problem(
            where="project",
            what="its containers belong to another directory",
            got=str(Path(other).parent.parent),
            next_step="work there, or give this one a name of its own: `project:` in toolkit.yaml",
        )
        for other in sorted(others)
        if Path(other).is_dir()
    )


def secret_problems(plan: Plan, present: Collection[str], volumes: Collection[str]) -> tuple[Problem, ...]:
    """Return a problem for each data volume whose secrets are gone.

    A new secret would not open it: the server keeps the accounts it was initialised with. `present` are the
    names of the secrets in the state, `volumes` the full names of the project's volumes on the engine.
    """
    found = []
    for service in plan.services:
        missing = [s.name for s in service.secrets if s.name not in present]
        kept = [v for v in _volumes(plan, service) if v in volumes]
        if missing and kept:
            found.append(_gone(plan, service.name, missing, kept))
    return tuple(found)


def _volumes(plan: Plan, service: ServicePlan) -> list[str]:
    return [f"{plan.project}_{m.source}" for m in service.mounts if m.kind == "volume"]


def _gone(plan: Plan, service: str, missing: list[str], volumes: list[str]) -> Problem:
    place = f".toolkit/{plan.environment}/secrets/"
    return Problem(
        where=service,
        what=f"volume {', '.join(volumes)} has data, but its secret is gone",
        got=f"not in {place}: {', '.join(missing)}",
        next_step=f"put the old files back into {place}\n"
        f"or give the data up: toolkit down --env {plan.environment} --volumes --yes-delete {plan.project}",
    )


def copy_problems(plan: Plan, missing: Collection[str]) -> tuple[Problem, ...]:
    """Return a problem for each secret of another host that is not here; `missing` are their files."""
    here = plan.hosts[0].name
    return tuple(
        Problem(
            where=here,
            what="a secret of another host is not here",
            got=path,
            next_step="bring that host up first, then copy this file from its project directory to this one's",
        )
        for path in missing
    )


def edge_problems(plan: Plan, url: str) -> tuple[Problem, ...]:
    """Return a problem where the edge could not be asked from here, at `url`: nothing would prove that it serves."""
    if url:
        return ()
    host = plan.hosts[0]
    return (
        Problem(
            where="edge",
            what=f"it listens on {host.name} for that machine alone, and cannot be asked from here",
            got=", ".join(
                f"{p.host_ip}:{p.host_port}" for s in plan.services if s.name == "edge" for p in s.ports
            ),
            next_step=f"services.edge.address: {host.address or 'the address of that machine'}"
            f"\nor run it there: toolkit up --host {host.name}",
        ),
    )


def card_problems(plan: Plan, starting: Collection[str], running: Collection[str]) -> tuple[Problem, ...]:
    """Return a problem for each of the services `starting` whose cards another one has that runs, or starts as well.

    What is planned beside each other has its own part of a card; only what is started on demand can meet it taken.
    """
    promised = {service.name: (service.host, service.gpus) for service in plan.services if service.gpus}
    return tuple(
        Problem(
            where=name,
            what=f"{', '.join(others)} has the card that it needs",
            got=f"card {', '.join(str(pin.index) for pin in promised[name][1])} of host `{promised[name][0]}`",
            next_step=f"toolkit stop {' '.join(others)}",
        )
        for name in starting
        if name in promised
        and (others := [o for o in shared_with(name, promised) if o in running or o in starting])
    )
