"""In which order services start: what is used first, models by priority, so many at once, one at a time on a card."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import ServicePlan
from toolkit.planning.site import Site, service_name
from toolkit.settings.vllm import Llm
from toolkit.values import Value


class Starter(Value):
    """One service as the order sees it: what has to be healthy before, and the cards that it takes when it starts.

    The larger `priority` loads first; None for what loads no model: nothing but its own needs holds it up.
    """

    name: str
    host: str
    after: tuple[str, ...] = ()
    priority: int | None = None
    cards: tuple[int, ...] = ()


def start_order(starters: Sequence[Starter], loading_at_once: int) -> tuple[tuple[str, ...], ...]:
    """Return waves of names: nothing stands before what it needs, and so many models of a host load in one wave.

    Two servers that start on one card at the same time mis-measure what is free on it (vllm-project/vllm#55827), so
    they never share a wave. Raises UsageError for an `after` that names no service, or that leads in a circle.
    """
    _refuse_unknown(starters)
    waiting = {one.name: one for one in starters}
    waves: list[tuple[str, ...]] = []
    while waiting:
        free = [one for one in waiting.values() if not any(name in waiting for name in one.after)]
        if not free:
            raise UsageError(_circle(waiting))
        wave = tuple(_admitted(free, loading_at_once))
        waves.append(wave)
        for name in wave:
            del waiting[name]
    return tuple(waves)


def starters(site: Site, services: Sequence[ServicePlan]) -> tuple[Starter, ...]:
    """Return what of `services` starts with the stack; a name of `after` stands for all replicas of that service.

    Applications wait for what they use. The edge waits for nobody: it says itself that a model is still loading.
    """
    started = [one for one in services if not one.on_demand]
    replicas: dict[str, tuple[str, ...]] = {}
    for one in started:
        replicas[one.part_of] = (*replicas.get(one.part_of, ()), one.name)
    uses: dict[str, list[str]] = {}
    for user, used in sorted(site.links):
        uses.setdefault(user, []).append(used)
    return tuple(_starter(one, site, replicas, uses) for one in started)


def _starter(
    one: ServicePlan, site: Site, replicas: Mapping[str, tuple[str, ...]], uses: Mapping[str, list[str]]
) -> Starter:
    section = site.sections[one.part_of]
    if isinstance(section, Llm):
        named = {service_name(key): names for key, names in replicas.items()}
        after = tuple(name for said in section.after for name in named.get(said, (said,)))
        return Starter(one.name, one.host, after, section.priority, tuple(pin.index for pin in one.gpus))
    used = uses.get(one.part_of, ()) if one.part_of != "edge" else ()
    return Starter(one.name, one.host, tuple(name for key in used for name in replicas.get(key, ())))


def _admitted(free: Sequence[Starter], loading_at_once: int) -> Iterable[str]:
    """Return all that load nothing, then models by priority while their host and their cards have room."""
    yield from (one.name for one in free if one.priority is None)
    loading: dict[str, int] = {}
    taken: set[tuple[str, int]] = set()
    for one in sorted(
        (one for one in free if one.priority is not None), key=lambda one: -(one.priority or 0)
    ):
        cards = {(one.host, index) for index in one.cards}
        if loading.get(one.host, 0) < loading_at_once and not cards & taken:
            loading[one.host] = loading.get(one.host, 0) + 1
            taken |= cards
            yield one.name


def _refuse_unknown(starters: Sequence[Starter]) -> None:
    known = dict.fromkeys(one.name for one in starters)
    problems = [
        Problem(
            f"services.{one.name.replace('-', '_')}.after",
            f"there is no service `{name}` that is started with the stack",
            name,
            _hint(name, list(known)),
        )
        for one in starters
        for name in one.after
        if name not in known
    ]
    if problems:
        raise UsageError(*problems)


def _hint(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name.replace("_", "-"), known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known)}"


def _circle(waiting: Mapping[str, Starter]) -> Problem:
    rows = [f"{one.name} after {', '.join(n for n in one.after if n in waiting)}" for one in waiting.values()]
    return Problem("services", "these wait for each other", "\n".join(rows), "take one `after` back")
