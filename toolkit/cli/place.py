"""One host as the probes are given it: its plan, and the doors through which it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from toolkit.cli.engines import engine_api
from toolkit.errors import EngineError, Problem
from toolkit.probes.engine_host import engine_host
from toolkit.render.render import COMPOSE_FILE

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.engine.runner import Runner
    from toolkit.planning.plan import Plan
    from toolkit.probes.engine_api import EngineApi

# What is outside gets less than the whole: "it does not answer" says more than "too late".
OUTSIDE_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A host; `url` is how its engine is reached, `far` whether that may be another machine's.

    `compose` is its rendered Compose file, parsed when it is asked for; `outside_s` is for what is out of the house.
    """

    plan: Plan
    directory: Path
    url: str
    far: bool
    runner: Runner
    api: EngineApi
    compose: Callable[[], Mapping[str, object]]
    environ: Mapping[str, str]
    outside_s: float = OUTSIDE_S

    def refuse_far(self) -> None:
        """Raise EngineError where only the machine itself could tell, and it is another one."""
        if self.far:
            what = "it is another machine, and only its engine can be asked from here"
            step = f"run `toolkit preflight --host {self.plan.hosts[0].name}` there, too"
            raise EngineError(Problem(self.plan.hosts[0].name, what, self.url, step))


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
    )
