"""Looks at what running containers use: in the kernel's own files where they are here, else through the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.clock import Deadline
from toolkit.facts import ContainerFact, UsageFact
from toolkit.probes.cgroups import Cgroup, Sample
from toolkit.probes.side_by_side import side_by_side
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.probes.engine_api import EngineApi

WINDOW_S = 0.5
"""How long processors are watched: long enough for a figure of a few percent, short enough to wait for."""

_LOOK_S = 3.0

Pause = Callable[[float], float]
"""Waits for that many seconds, and returns how many it really were."""
Groups = Callable[[int], Cgroup]
Life = tuple[str, int]
"""A container and its process: counters begin anew with the next one."""


def pause(seconds: float) -> float:
    """Wait, as Pause says."""
    began = time.monotonic()
    time.sleep(seconds)
    return time.monotonic() - began


def usage_facts(
    containers: Iterable[ContainerFact],
    api: EngineApi,
    cpus: int,
    deadline: Deadline,
    *,
    far: bool,
    pause: Pause = pause,
    group: Groups = Cgroup,
) -> tuple[UsageFact, ...]:
    """Return what each running container uses, on a machine of `cpus` processors; one that is gone is left out."""
    running = _running(containers)
    before = {} if far else _samples(running, group)
    if not before:
        return _from_engine(running, api, cpus, deadline)
    elapsed_s = pause(WINDOW_S)
    after = _samples([fact for fact in running if _life(fact) in before], group)
    return _facts(running, after, before, elapsed_s, cpus)


class Usage:
    """Looks at what containers use again and again: processors are told since the look before, with no waiting."""

    def __init__(
        self,
        api: EngineApi,
        cpus: int,
        *,
        far: bool,
        now: Callable[[], float] = time.monotonic,
        group: Groups = Cgroup,
    ) -> None:
        """Look at containers of `api` on a machine of `cpus` processors, by its files unless it is `far`."""
        self._api, self._cpus, self._far, self._now, self._group = api, cpus, far, now, group
        self._before: tuple[float, Mapping[Life, Sample]] = (0.0, {})

    def look(self, containers: Iterable[ContainerFact]) -> tuple[UsageFact, ...]:
        """Return what each running container uses, of processors nothing at the first look at it."""
        running = _running(containers)
        after = {} if self._far else _samples(running, self._group)
        if not after:
            return _from_engine(running, self._api, self._cpus, Deadline.after(_LOOK_S))
        at = self._now()
        then, before = self._before
        self._before = (at, after)
        return _facts(running, after, before, at - then, self._cpus)


def _running(containers: Iterable[ContainerFact]) -> list[ContainerFact]:
    return [fact for fact in containers if fact.state == "running"]


def _life(fact: ContainerFact) -> Life:
    return fact.container_id, fact.pid


def _samples(running: Iterable[ContainerFact], group: Groups) -> Mapping[Life, Sample]:
    """Return the counters of those whose files this machine has."""
    found = {}
    for fact in running:
        with suppress(OSError, KeyError, ValueError):
            found[_life(fact)] = group(fact.pid).sample()
    return found


def _facts(
    running: Iterable[ContainerFact],
    after: Mapping[Life, Sample],
    before: Mapping[Life, Sample],
    elapsed_s: float,
    cpus: int,
) -> tuple[UsageFact, ...]:
    return tuple(
        _fact(fact, before.get(_life(fact)), after[_life(fact)], elapsed_s, cpus)
        for fact in running
        if _life(fact) in after
    )


def _fact(
    fact: ContainerFact, before: Sample | None, after: Sample, elapsed_s: float, cpus: int
) -> UsageFact:
    return UsageFact(
        service=fact.service,
        container_id=fact.container_id,
        memory_mib=after.memory_mib,
        memory_limit_mib=fact.memory_limit_mib,
        cpu_percent=_cpu_percent(before, after, elapsed_s, fact.cpus_limit or cpus) if before else None,
        throttled_percent=_throttled_percent(before, after) if before else None,
        pids=after.pids,
        pids_limit=fact.pids_limit,
        oom_kills=after.oom_kills,
    )


def _cpu_percent(before: Sample, after: Sample, elapsed_s: float, allowed: float) -> float:
    return round(100 * (after.cpu_s - before.cpu_s) / max(elapsed_s, 1e-6) / allowed, 1)


def _throttled_percent(before: Sample, after: Sample) -> float:
    periods = after.periods - before.periods
    return round(100 * (after.throttled - before.throttled) / periods, 1) if periods else 0.0


def _from_engine(
    running: Iterable[ContainerFact], api: EngineApi, cpus: int, deadline: Deadline
) -> tuple[UsageFact, ...]:
    by_id = {fact.container_id: fact for fact in running}
    told = side_by_side({name: partial(api.stats, name) for name in by_id}, deadline)
    return tuple(
        _told(fact, answer, cpus)
        for name, fact in by_id.items()
        if not isinstance(answer := told[name], Exception)
    )


def _told(fact: ContainerFact, answer: dict[str, Any], cpus: int) -> UsageFact:
    memory = answer.get("memory_stats") or {}
    inside = memory.get("stats") or {}
    clean = inside.get("total_inactive_file", inside.get("inactive_file", 0))
    now, then = answer.get("cpu_stats") or {}, answer.get("precpu_stats") or {}
    own = _total(now) - _total(then)
    all_of_it = (now.get("system_cpu_usage") or 0) - (then.get("system_cpu_usage") or 0)
    share = own / all_of_it * (now.get("online_cpus") or cpus) if all_of_it > 0 else None
    return UsageFact(
        service=fact.service,
        container_id=fact.container_id,
        memory_mib=int((memory.get("usage", 0) - clean) // MIB),
        memory_limit_mib=fact.memory_limit_mib,
        cpu_percent=None if share is None else round(100 * share / (fact.cpus_limit or cpus), 1),
        pids=int((answer.get("pids_stats") or {}).get("current") or 0),
        pids_limit=fact.pids_limit,
    )


def _total(stats: dict[str, Any]) -> int:
    return int((stats.get("cpu_usage") or {}).get("total_usage") or 0)
