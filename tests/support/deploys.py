"""`up` and `start` put together over an engine in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from tests.support.clocks import HandClock
from tests.support.fake_engine import FakeEngine
from tests.support.listener import Listener
from toolkit.engine.compose import ComposeEngine
from toolkit.planning.plan import Plan
from toolkit.probes.containers import Containers
from toolkit.probes.events import Events
from toolkit.render.bundle import Bundle
from toolkit.report import Report
from toolkit.resources import resource_dir
from toolkit.routines.acting import Acts
from toolkit.routines.ahead import Ahead
from toolkit.routines.bringing import Bringing
from toolkit.routines.deploy import Deploy
from toolkit.routines.migrate import Migration
from toolkit.routines.phases import Phases
from toolkit.routines.warm import WarmUp
from toolkit.state.directory import StateDirectory
from toolkit.state.remembered import Memory


def deploy_over(
    engine: FakeEngine,
    directory: Path,
    plan: Plan,
    bundle: Bundle,
    build_dir: Path,
    told: Listener,
    *,
    preflight: Callable[[Collection[str]], Report] | None = None,
    inputs: str | None = None,
) -> Deploy:
    """Return the sequence for `plan` in the project `directory`, without an edge and a warm-up.

    `inputs` is the digest of what the plan was made of, as far as it shall be remembered.
    """
    state, clock = StateDirectory(directory, plan.environment).ensure(), HandClock()
    containers, warm_up, phases = Containers(engine), WarmUp(None, lambda: None), Phases(told, clock)
    acts = Acts(
        runner=engine,
        engine=ComposeEngine(engine, plan.project, build_dir),
        containers=containers,
        events=Events(engine, plan.project),
        compose_dir=resource_dir("compose"),
        project_dir=directory,
        clock=clock,
        progress=told,
    )
    return Deploy(
        plan=plan,
        bundle=bundle,
        build_dir=build_dir,
        state=state,
        containers=containers,
        ahead=Ahead(plan, bundle, build_dir, state, containers, None, preflight, plan.made, phases),
        bringing=Bringing(plan, acts, None, tuple, warm_up, phases),
        edge=None,
        memory=Memory(state.remembered(plan.part), inputs),
        migration=Migration(plan, acts.engine, state, told, clock),
        warm_up=warm_up,
        phases=phases,
    )
