"""The part of the composition root that brings up: put together of what a project has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toolkit.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.routines.ahead import Ahead
    from toolkit.routines.deploy import Deploy
    from toolkit.routines.serving_edge import ServingEdge


def deploy_of(part: Project, made: frozenset[str] | None = None, *, preflight: bool = True) -> Deploy:
    """Return the sequence of `up`, with the preflight or without; `made` as `Project.deploy` has it."""
    from toolkit.cli.warm_parts import cached, warm_up_of
    from toolkit.routines.bringing import Bringing
    from toolkit.routines.deploy import Deploy

    edge, warm_up = part.edge(), warm_up_of(part)
    ahead = ahead_of(part, edge, made, preflight=preflight)
    return Deploy(
        plan=part.plan,
        bundle=part.bundle,
        build_dir=part.build_dir,
        state=part.state,
        containers=part.containers,
        ahead=ahead,
        bringing=Bringing(
            plan=part.plan,
            acts=part.acts(),
            delivery=part.delivery(),
            cached=partial(cached, part),
            warm_up=warm_up,
            phases=ahead.phases,
        ),
        edge=edge,
        memory=part.memory,
        migration=part.migration(),
        warm_up=warm_up,
        phases=ahead.phases,
    )


def ahead_of(
    part: Project, edge: ServingEdge | None, made: frozenset[str] | None = None, *, preflight: bool
) -> Ahead:
    """Return the look at what `up` would have to do, with steps of its own, which the rest of `up` shares."""
    from toolkit.checking import Suite
    from toolkit.routines.ahead import Ahead
    from toolkit.routines.phases import Phases

    return Ahead(
        plan=part.plan,
        bundle=part.bundle,
        build_dir=part.build_dir,
        state=part.state,
        containers=part.containers,
        edge_url=None if edge is None else edge.url,
        preflight=partial(part.examine, Suite.PREFLIGHT) if preflight else None,
        made_here=part.plan.made if made is None else made,
        phases=Phases(part.progress, SYSTEM_CLOCK),
    )
