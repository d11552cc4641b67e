"""Probes of what runs: output, use of memory, processors and cards, file systems, and the kernel's log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from toolkit.facts import LogFact, ReleaseFact
from toolkit.probes import kernel_log
from toolkit.probes.card_states import card_state_facts
from toolkit.probes.certificates import certificate_facts
from toolkit.probes.containers import Containers
from toolkit.probes.filesystems import filesystem_facts
from toolkit.probes.pressure import pressure_fact
from toolkit.probes.side_by_side import side_by_side
from toolkit.probes.usage import usage_facts
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.cli.running_now import RunningNow
    from toolkit.clock import Deadline
    from toolkit.facts import (
        CardStateFact,
        CertificateFact,
        ContainerFact,
        FilesystemFact,
        KernelFact,
        PressureFact,
        UsageFact,
    )

_LOG_LINES = 200


def _containers(now: RunningNow, _: Deadline) -> tuple[ContainerFact, ...]:
    return now.containers()


def _logs(now: RunningNow, deadline: Deadline) -> tuple[LogFact, ...]:
    facts = {fact.container_id: fact for fact in now.containers()}
    look = Containers(now.place.api)
    told = side_by_side({one: partial(look.log_tail, one, _LOG_LINES) for one in facts}, deadline)
    clean = now.redactor().secrets
    lines = {one: tuple(map(clean, said)) for one, said in told.items() if not isinstance(said, Exception)}
    return tuple(LogFact(fact.service, lines.get(one, ()), fact.health_output) for one, fact in facts.items())


def _kernel(now: RunningNow, _: Deadline) -> tuple[KernelFact, ...]:
    now.place.leave_far()
    return kernel_log.kernel_facts(kernel_log.read_kmsg())


def _card_states(now: RunningNow, _: Deadline) -> tuple[CardStateFact, ...]:
    if not any(host.cards for host in now.place.plan.hosts):
        return ()
    now.place.leave_far()
    return card_state_facts(now.containers())


def _usage(now: RunningNow, deadline: Deadline) -> tuple[UsageFact, ...]:
    place = now.place
    cpus = int(place.api.info()["NCPU"])
    return usage_facts(now.containers(), place.api, cpus, deadline, far=place.far)


def _pressure(now: RunningNow, _: Deadline) -> PressureFact:
    now.place.leave_far()
    return pressure_fact()


def _filesystems(now: RunningNow, _: Deadline) -> tuple[FilesystemFact, ...]:
    now.place.leave_far()
    return filesystem_facts(now.containers())


def _certificates(now: RunningNow, _: Deadline) -> tuple[CertificateFact, ...]:
    # Of another machine the engine shows no files: what it mounts came from here, or is not to be seen.
    return () if now.place.far else certificate_facts(now.containers())


def _release(now: RunningNow, _: Deadline) -> tuple[ReleaseFact, ...]:
    return tuple(
        ReleaseFact(one.service, one.kind, one.cause, tuple(change.path for change in one.changes))
        for one in now.place.release()
    )


LOOKS: Mapping[Need, Callable[[RunningNow, Deadline], object]] = {
    Need.CONTAINERS: _containers,
    Need.LOGS: _logs,
    Need.KERNEL: _kernel,
    Need.CARD_STATES: _card_states,
    Need.USAGE: _usage,
    Need.PRESSURE: _pressure,
    Need.FILESYSTEMS: _filesystems,
    Need.CERTIFICATES: _certificates,
    Need.RELEASE: _release,
}
