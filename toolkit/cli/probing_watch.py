"""The parts of a watch over one host: what health-check looks at every second, and the load that it makes itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toolkit.checking import Suite
from toolkit.cli.engines import engine_api
from toolkit.cli.looking import examine
from toolkit.cli.probing_trials import own_key, url_of
from toolkit.clock import SYSTEM_CLOCK, Deadline
from toolkit.engine.ticking import Ticking
from toolkit.probes import kernel
from toolkit.probes.card_states import card_state_facts
from toolkit.probes.containers import Containers
from toolkit.probes.pressure import pressure_fact
from toolkit.probes.usage import Usage
from toolkit.routines import watch_parts
from toolkit.routines.watch import AFTER_S, watch
from toolkit.routines.watch_load import WatchLoad
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.facts import CardStateFact, Series
    from toolkit.planning.plan import Plan
    from toolkit.report import Report
    from toolkit.routines.watch import Part, Show


def health_check(part: Project, duration_s: float, show: Show | None = None) -> Report:
    """Watch this host of the stack for `duration_s`; `show` is given what was seen so far, twice a second."""
    more = {Need.SERIES: partial(watch_stack, part, duration_s, show)}
    return examine(part, Suite.HEALTH, more=more, budget_s=duration_s + AFTER_S)


def watch_stack(part: Project, duration_s: float, show: Show | None, _: Deadline) -> tuple[Series, ...]:
    """Return what was seen of this host in `duration_s`."""
    return watch({**_looks(part), **_load(part)}, duration_s, SYSTEM_CLOCK, show)


def _looks(part: Project) -> dict[str, Part]:
    plan, api = part.plan, engine_api(part.engine_url)
    containers = Containers(api)
    ticking = Ticking(part.runner, plan.project)
    cpus = max(1, int(plan.hosts[0].cpus))

    use = Usage(api, cpus, far=part.far).look
    look = partial(containers.of_project, plan.project)
    parts = {"containers": watch_parts.containers(plan.project, look, use)}
    if not part.far:
        parts["machine"] = watch_parts.machine(kernel.host_fact, lambda: pressure_fact().cpu_percent)
    if plan.hosts[0].cards and not part.far:
        parts["cards"] = watch_parts.cards(partial(_cards, part))
    servers = [name for model in plan.models for name in model.services if plan.service(name) is not None]
    parts |= {name: watch_parts.model_server(ticking, name) for name in servers}
    if plan.service("edge") is not None:
        parts["edge"] = watch_parts.edge(ticking, _pools(plan))
    return parts


def _cards(part: Project) -> tuple[CardStateFact, ...]:
    return card_state_facts(Containers(engine_api(part.engine_url)).of_project(part.plan.project))


def _pools(plan: Plan) -> list[str]:
    return [model.services[0] for model in plan.models]


def _load(part: Project) -> dict[str, Part]:
    url = url_of(part)
    if not url:
        return {}
    load = WatchLoad(url, own_key(part), part.edge_trust)
    models = [model for model in part.plan.models if not model.pooling]
    cached = part.plan.service("response-cache") is not None
    first = models[0] if models else None
    return {
        "light load": partial(load.light, first, cached),
        **{f"streams of {model.served_name}": partial(load.stream, model) for model in models},
    }
