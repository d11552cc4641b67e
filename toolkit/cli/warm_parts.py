"""The part of the composition root that warms up: put together of what a project has."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from toolkit.clock import SYSTEM_CLOCK
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from toolkit.cli.wiring import Project
    from toolkit.facts import ContainerFact
    from toolkit.routines.warm import Warming, WarmUp


def warm_up_of(part: Project) -> WarmUp:
    """Return the warm-up as a step of `up`. Raises ProfileError for a bad file of prompts."""
    from toolkit.routines.warm import WarmUp

    wanted = part.plan.warm_up_rules.enabled
    return WarmUp(warming_of(part) if wanted else None, partial(_in_background, part))


def warming_of(part: Project) -> Warming:
    """Return the sequence of `warmup`. Raises ProfileError for a bad file of prompts."""
    from toolkit.routines.priming import usual_prompts
    from toolkit.routines.warm import Warming
    from toolkit.state.warmth import Warmth

    said = part.plan.warm_up_rules.prompts
    return Warming(
        plan=part.plan,
        engine=part.engine,
        containers=part.containers,
        acts=part.acts(),
        warmth=Warmth(part.state),
        script=resource_dir("compose") / "models" / "warm_up.py",
        edge=part.edge(),
        prompts=usual_prompts(part.directory / said) if said else (),
        cached=partial(cached, part),
        progress=part.progress,
        clock=SYSTEM_CLOCK,
    )


def warmth_of(part: Project, seen: Collection[ContainerFact]) -> Mapping[str, str]:
    """Return for each model server of `seen` that runs: warm, warming or cold."""
    from toolkit.state.warmth import Warmth

    warmth, models = Warmth(part.state), {one.service for one in part.plan.warm_ups}
    running = [fact for fact in seen if fact.service in models and fact.state == "running"]
    cold = warmth.cold(running)
    word = "warming" if cold and warmth.at_work else "cold"
    return {fact.service: word if fact.service in cold else "warm" for fact in running}


def cached(part: Project) -> Collection[str]:
    """Return the services that need not fetch anything: what they read from the Hub, if anything, is here whole."""
    of_hub = {s.name: {one.repository for one in s.fetches} for s in part.plan.services}
    if not any(of_hub.values()):
        return tuple(of_hub)
    from toolkit.cli.place import place_of
    from toolkit.cli.probing_models import cached_repositories

    here = cached_repositories(place_of(part, part.plan))
    return tuple(name for name, wanted in of_hub.items() if wanted <= here)


def _in_background(part: Project) -> None:
    """Start `warmup --only-cold` as a process that outlives us: it takes no lock, and writes to a log of the state.

    Where it cannot be started the stack serves all the same, colder.
    """
    from toolkit.engine.runner import detached

    words = (sys.executable, "-m", "toolkit", "warmup", "--only-cold", *part.common.as_words())
    try:
        detached(words, part.state.warm_up_log)
    except OSError as error:
        part.progress.note(f"warning: no warm-up in the background: {error}; `toolkit warmup` does it")
