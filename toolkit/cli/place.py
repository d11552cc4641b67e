"""One host as the probes are given it: its plan, and the doors through which it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from toolkit.cli.engines import engine_api
from toolkit.errors import EngineError, Problem
from toolkit.probes.engine_host import engine_host
from toolkit.probes.http import Endpoint
from toolkit.probes.observe import ElsewhereError
from toolkit.redact import Redactor, is_secret_name
from toolkit.render.render import COMPOSE_FILE
from toolkit.routines.prove import edge_url
from toolkit.state.hidden import secret_values

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.engine.runner import Runner
    from toolkit.planning.plan import Plan
    from toolkit.probes.engine_api import EngineApi
    from toolkit.routines.compare import ServiceDifference

# What is outside gets less than the whole: "it does not answer" says more than "too late".
OUTSIDE_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A host; `url` is how its engine is reached, `far` whether that may be another machine's.

    `secrets` is where the state keeps them, `redactor` takes them out of texts; `edge` reaches its edge from here, None
    where nothing does; `release` compares what runs with what would be rendered. `compose` is its rendered Compose
    file, parsed when it is asked for; `outside_s` is for what is out of the house.
    """

    plan: Plan
    directory: Path
    url: str
    far: bool
    runner: Runner
    api: EngineApi
    compose: Callable[[], Mapping[str, object]]
    environ: Mapping[str, str]
    secrets: Path | None = None
    redactor: Callable[[], Redactor] = Redactor
    edge: Callable[[], Endpoint | None] = lambda: None
    release: Callable[[], tuple[ServiceDifference, ...]] = tuple
    outside_s: float = OUTSIDE_S

    def refuse_far(self) -> None:
        """Raise EngineError where only the machine itself could tell, and it is another one."""
        if self.far:
            raise EngineError(self._elsewhere("preflight"))

    def leave_far(self) -> None:
        """Raise ElsewhereError where only the machine itself could tell, and the stack does not depend on it."""
        if self.far:
            raise ElsewhereError(self._elsewhere("diagnose"))

    def _elsewhere(self, verb: str) -> Problem:
        what = "it is another machine, and only its engine can be asked from here"
        step = f"run `toolkit {verb} --host {self.plan.hosts[0].name}` there, too"
        return Problem(self.plan.hosts[0].name, what, self.url, step)


def place_of(part: Project, plan: Plan) -> Place:
    """Return the host of one part of a project, with as much of its plan as counts."""
    text = part.bundle.files[COMPOSE_FILE].text
    return Place(
        plan=plan,
        directory=part.directory,
        url=part.plan.hosts[0].engine or engine_host(),
        far=part.far,
        runner=part.runner,
        api=engine_api(part.engine_url),
        # It takes as long as everything else here, and nearly no stack asks for ulimits.
        compose=lambda: dict(yaml.load(text, yaml.CSafeLoader)) if "ulimits:" in text else {},
        environ=os.environ,
        secrets=part.state.secrets,
        redactor=partial(redactor_of, part),
        edge=partial(_edge, part),
        release=part.differences,
    )


def redactor_of(part: Project) -> Redactor:
    """Return what takes this stack's secrets out of texts."""
    said = [
        value
        for service in part.plan.services
        for name, value in service.environment.items()
        if is_secret_name(name)
    ]
    return Redactor((*secret_values(part.state), *said))


def _edge(part: Project) -> Endpoint | None:
    """Return the edge of this host as it is reached from here, None where it is not."""
    service = part.plan.service("edge")
    url = edge_url(service, part.plan.hosts[0]) if service is not None else ""
    return Endpoint(url, trust=part.edge_trust) if url else None
