"""Looks at what running containers use: in the kernel's own files where they are here, else through the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.facts import ContainerFact, UsageFact
from toolkit.probes.cgroups import Cgroup, Sample
from toolkit.probes.side_by_side import side_by_side
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.probes.engine_api import EngineApi

WINDOW_S = 0.5
"""How long processors are watched: long enough for a figure of a few percent, short enough to wait for."""

Pause = Callable[[float], float]
"""Waits for that many seconds, and returns how many it really were."""
Groups = Callable[[int], Cgroup]


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
    running = [fact for fact in containers if fact.state == "running"]
    if not far:
        found = _from_files(running, cpus, pause, group)
        if found is not None:
            return found
    calls = {fact.container_id: partial(api.stats, fact.container_id) for fact in running}
    told = side_by_side(calls, deadline)
    return tuple(
        _told(fact, answer, cpus)
        for fact in running
        if not isinstance(answer := told[fact.container_id], Exception)
    )


def _from_files(
    running: list[ContainerFact], cpus: int, pause: Pause, group: Groups
) -> tuple[UsageFact, ...] | None:
    """Return the facts, None where this kernel's files are not to be read from here."""
    before = [(fact, sample) for fact in running if (sample := _sample(fact, group))]
    if running and not before:
        return None
    elapsed_s = pause(WINDOW_S)
    after = [(fact, then, now) for fact, then in before if (now := _sample(fact, group))]
    return tuple(_fact(fact, then, now, elapsed_s, cpus) for fact, then, now in after)


def _sample(fact: ContainerFact, group: Groups) -> Sample | None:
    try:
        return group(fact.pid).sample()
    except (OSError, KeyError, ValueError):
        return None


def _fact(fact: ContainerFact, before: Sample, after: Sample, elapsed_s: float, cpus: int) -> UsageFact:
    periods = after.periods - before.periods
    used = (after.cpu_s - before.cpu_s) / max(elapsed_s, 1e-6)
    return UsageFact(
        service=fact.service,
        container_id=fact.container_id,
        memory_mib=after.memory_mib,
        memory_limit_mib=fact.memory_limit_mib,
        cpu_percent=round(100 * used / (fact.cpus_limit or cpus), 1),
        throttled_percent=round(100 * (after.throttled - before.throttled) / periods, 1) if periods else 0.0,
        pids=after.pids,
        pids_limit=fact.pids_limit,
        oom_kills=after.oom_kills,
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
