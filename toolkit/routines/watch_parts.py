"""What a watch looks at every second: containers, machine, cards, and what edge and model servers count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.engine.histograms import quantile
from toolkit.engine.ticking import FIRST_TOKEN, GAP
from toolkit.routines.watch import EVERY_S

if TYPE_CHECKING:
    from toolkit.engine.ticking import Ticking
    from toolkit.facts import CardStateFact, ContainerFact, FiguresFact, HostFact, UsageFact
    from toolkit.routines.watch import Part, Watching

_GRACE_S = 2.0
_SHORT_S = 30.0
_OFTEN_S = 0.5
_FRONTEND = "edge/FRONTEND/"


def containers(
    project: str,
    look: Callable[[], Sequence[ContainerFact]],
    use: Callable[[Sequence[ContainerFact]], Sequence[UsageFact]],
) -> Part:
    """Return the part that looks whether containers run, and what they use.

    In a short watch it looks twice a second: eight looks tell a trend only where each of them is in time.
    """

    def run(watching: Watching) -> None:
        note = watching.recorder.note
        for at in watching.ticks(_OFTEN_S if watching.duration_s < _SHORT_S else EVERY_S):
            facts = look()
            names = {fact.container_id: _short(fact.name, project) for fact in facts}
            for fact in facts:
                note("up", names[fact.container_id], "share", float(_serves(fact)), at)
                note("restarts", names[fact.container_id], "count", fact.restart_count, at)
                note("started", names[fact.container_id], "s", _seconds(fact.started_at), at)
            for one in use(facts):
                note("memory", names[one.container_id], "MiB", one.memory_mib, at)
                if one.cpu_percent is not None:
                    note("cpu", names[one.container_id], "%", one.cpu_percent, at)

    return run


def machine(look: Callable[[], HostFact], busy: Callable[[], float]) -> Part:
    """Return the part that looks at the memory and the processors of the machine."""

    def run(watching: Watching) -> None:
        for at in watching.ticks():
            fact = look()
            if fact.available_mib is not None and fact.memory_mib:
                share = 1 - fact.available_mib / fact.memory_mib
                watching.recorder.note("host_memory", "host", "share", share, at)
            watching.recorder.note("host_cpu", "host", "share", busy() / 100, at)

    return run


def cards(look: Callable[[], Sequence[CardStateFact]]) -> Part:
    """Return the part that looks at the cards: memory of each, use, and what each service has of it."""

    def run(watching: Watching) -> None:
        note = watching.recorder.note
        for at in watching.ticks():
            for card in look():
                note("gpu_memory", f"card {card.index}", "MiB", card.used_mib, at)
                if card.use_percent is not None:
                    note("gpu_use", f"card {card.index}", "%", card.use_percent, at)
                for service in {one.service for one in card.processes if one.service}:
                    used = sum(one.used_mib for one in card.processes if one.service == service)
                    note("gpu_memory", f"{service} on card {card.index}", "MiB", used, at)

    return run


def model_server(ticking: Ticking, service: str) -> Part:
    """Return the part that asks a model server how many requests it works on, and how many wait."""

    def run(watching: Watching) -> None:
        times, note = _Times(watching), watching.recorder.note

        def on(number: int, seen: FiguresFact) -> None:
            at = times.of(number)
            for name, figure, unit in (
                ("num_requests_running", "running", "requests"),
                ("num_requests_waiting", "waiting", "requests"),
                ("kv_cache_usage_perc", "kv_cache", "share"),
                ("generation_tokens_total", "tokens", "tokens"),
            ):
                note(figure, service, unit, seen.numbers.get(name), at)

        own = ticking.model(service, times.ticks(), on, Deadline.after(watching.duration_s + _GRACE_S))
        for figure, name in (("server_first_token", FIRST_TOKEN), ("server_gap", GAP)):
            for share in (0.5, 0.95):
                note(f"{figure}_p{share * 100:.0f}", service, "s", quantile(own.get(name, {}), share))

    return run


def edge(ticking: Ticking, pools: Sequence[str]) -> Part:
    """Return the part that asks the edge for requests, for those that failed, and for who waits in each pool."""

    def run(watching: Watching) -> None:
        times, note = _Times(watching), watching.recorder.note

        def on(number: int, seen: FiguresFact) -> None:
            at = times.of(number)
            for name, figure in (("req_tot", "requests"), ("hrsp_5xx", "failures")):
                note(figure, "edge", "requests", seen.numbers.get(_FRONTEND + name), at)
            for pool in pools:
                waiting = [
                    v for k, v in seen.numbers.items() if k.startswith(f"{pool}/") and k.endswith("/qcur")
                ]
                note("queued", pool, "requests", max(waiting, default=None), at)

        ticking.edge(times.ticks(), on, Deadline.after(watching.duration_s + _GRACE_S))

    return run


class _Times:
    """When each question was asked: its answer comes later, and belongs there."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching
        self._asked: list[float] = []

    def ticks(self) -> Iterator[float]:
        for at in self._watching.ticks():
            self._asked.append(at)
            yield at

    def of(self, number: int) -> float:
        return self._asked[number]


def _serves(fact: ContainerFact) -> bool:
    return fact.state == "running" and fact.health in {None, "healthy", "starting"}


def _short(name: str, project: str) -> str:
    return name.removeprefix(f"{project}-").removesuffix("-1")


def _seconds(started_at: str) -> float | None:
    """Return RFC 3339 as seconds of the epoch; the engine writes nanoseconds, Python reads six digits."""
    head, _, rest = started_at.partition(".")
    digits = rest.rstrip("Z")[:6]
    try:
        return datetime.fromisoformat(f"{head}.{digits or '0'}+00:00").timestamp()
    except ValueError:
        return None
