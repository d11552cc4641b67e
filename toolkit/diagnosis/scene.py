"""Plan and snapshot, asked for what rules need of them; what was not seen answers None or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.diagnosis.accounts import Account, accounts, there
from toolkit.facts import (
    CacheFact,
    CardFact,
    CardProcessFact,
    CardStateFact,
    ContainerFact,
    DiskFact,
    EngineFact,
    FiguresFact,
    FilesystemFact,
    HostFact,
    HubFact,
    KernelFact,
    PortFact,
    ReachFact,
    Unavailable,
)
from toolkit.snapshot import Need
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, ServicePlan
    from toolkit.snapshot import Snapshot

_DEFAULT_SHM_MIB = 64
_FULL_MIB = 512
_FULL_SHARE = 0.02
_OF_A_SERVER = re.compile(r"VLLM::|EngineCor|VllmWorker|multiproc|ray::|vllm|python", re.IGNORECASE)
_OOM = re.compile(
    r"oom-kill|Out of memory: Kill|Memory cgroup out of memory|invoked oom-killer", re.IGNORECASE
)


@dataclass(frozen=True)
class Scene:
    """One look at a stack, for rules that weigh causes."""

    plan: Plan
    seen: Snapshot

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """What was written, by subject."""
        return accounts(self.seen)

    def told(self, name: str, pattern: str) -> re.Match[str] | None:
        """Return the first match of `pattern` in all that was written about a subject."""
        own = next((one for one in self.accounts if one.subject == name), None)
        return re.search(pattern, own.text, re.MULTILINE) if own else None

    def service(self, name: str) -> ServicePlan | None:
        """Return how a service is planned, None for one that is not."""
        return self.plan.service(name)

    def key(self, name: str) -> str:
        """Return the section of a service in a profile."""
        found = self.service(name)
        return found.part_of if found else name.replace("-", "_")

    def section(self, name: str) -> str:
        """Return the path of a service's section in a profile, `services.redis`."""
        found = self.service(name)
        return found.section if found else f"services.{self.key(name)}"

    def flag(self, name: str, flag: str) -> str | None:
        """Return the value of a planned `--flag`, None where it is not given."""
        command = found.command if (found := self.service(name)) else ()
        after = (value for one, value in pairwise(command) if one == flag)
        return next(after, None)

    def container(self, name: str) -> ContainerFact | None:
        """Return the container of a service, the worst where it has several."""
        own = [one for one in there(self.seen.containers) if one.service == name]
        return min(own, key=lambda one: (one.healthy, -one.restart_count), default=None)

    def serves(self, name: str) -> bool:
        """Return whether it is known that all its containers are healthy."""
        own = [one for one in there(self.seen.containers) if one.service == name]
        return bool(own) and all(one.healthy for one in own)

    def env(self, name: str, variable: str) -> str | None:
        """Return a variable as it is planned for a service, None where it is not set."""
        found = self.service(name)
        return found.environment.get(variable) if found else None

    def shm_mib(self, name: str) -> int | None:
        """Return the size of its /dev/shm, None for an unknown service."""
        container = self.container(name)
        if container is not None and container.shm_mib:
            return container.shm_mib
        found = self.service(name)
        if found is None:
            return None
        return found.shm_bytes // MIB if found.shm_bytes else _DEFAULT_SHM_MIB

    def memory_limit_mib(self, name: str) -> int | None:
        """Return the limit of its containers, None for an unknown service."""
        container = self.container(name)
        if container is not None and container.memory_limit_mib:
            return container.memory_limit_mib
        found = self.service(name)
        return found.memory_bytes // MIB if found else None

    @property
    def host(self) -> HostFact | None:
        """The machine, None where it was not seen."""
        return self.seen.host if isinstance(self.seen.host, HostFact) else None

    @property
    def engine(self) -> EngineFact | None:
        """The engine, None where it was not seen."""
        return self.seen.engine if isinstance(self.seen.engine, EngineFact) else None

    @property
    def disks(self) -> tuple[DiskFact, ...]:
        """The disks that were seen."""
        return there(self.seen.disks)

    @property
    def full_disks(self) -> tuple[DiskFact, ...]:
        """The disks that have next to no room left."""
        return tuple(d for d in self.disks if d.free_mib < min(_FULL_MIB, d.total_mib * _FULL_SHARE))

    @property
    def disks_without_inodes(self) -> tuple[DiskFact, ...]:
        """The disks that cannot take another file, whatever room they have."""
        return tuple(d for d in self.disks if d.free_inodes_share < _FULL_SHARE)

    @property
    def full_filesystems(self) -> tuple[FilesystemFact, ...]:
        """The file systems in memory, of a container or the host, that have next to no room left."""
        seen = there(self.seen.filesystems)
        return tuple(f for f in seen if f.kind == "tmpfs" and f.free_mib <= f.total_mib * _FULL_SHARE)

    def figure(self, of: Need, name: str) -> float | None:
        """Return a figure that a service keeps of itself, None where it was not seen."""
        found = self.seen.part(of)
        facts = found if isinstance(found, tuple) else (found,)
        told = (one.numbers.get(name) for one in facts if isinstance(one, FiguresFact))
        return next((value for value in told if value is not None), None)

    @property
    def hub(self) -> tuple[HubFact, ...]:
        """What the Hub answered for the models that have to be fetched."""
        return there(self.seen.hub)

    @property
    def names(self) -> tuple[ReachFact, ...]:
        """Which outside names are known here."""
        return there(self.seen.names)

    @property
    def ports(self) -> tuple[PortFact, ...]:
        """The ports that services want, with who holds them."""
        return there(self.seen.ports)

    @property
    def cards(self) -> tuple[CardFact, ...]:
        """The cards that the driver shows."""
        return there(self.seen.cards)

    @property
    def cache(self) -> CacheFact | None:
        """Where weights are kept, None where nobody looked."""
        return self.seen.cache if isinstance(self.seen.cache, CacheFact) else None

    def sysctl(self, name: str) -> str | None:
        """Return a setting of the kernel, None where it was not seen."""
        found = self.seen.sysctls
        return None if found is None or isinstance(found, Unavailable) else found.get(name)

    def cards_of(self, name: str) -> tuple[CardStateFact, ...]:
        """Return the cards that a service is given, as they are at work; all where nothing tells which."""
        states = there(self.seen.card_states)
        pins = found.gpus if (found := self.service(name)) else ()
        own = tuple(s for s in states if any(p.device_id in {s.uuid, str(s.index)} for p in pins))
        return own or states

    def strangers(self, name: str) -> tuple[CardProcessFact, ...]:
        """Return who holds memory of its cards beside the service itself, the largest first."""
        others = (p for card in self.cards_of(name) for p in card.processes if p.service != name)
        return tuple(sorted(others, key=lambda one: -one.used_mib))

    def orphans(self, name: str) -> tuple[CardProcessFact, ...]:
        """Return those of a model server that runs in no container: its parent was killed, it was not."""
        return tuple(
            p
            for p in self.strangers(name)
            if not p.service and not p.container and _OF_A_SERVER.search(p.name)
        )

    def memory_kills(self, name: str) -> tuple[KernelFact, ...]:
        """Return the kernel's lines about a process of this service that it killed for memory."""
        ids = {one.container_id for one in there(self.seen.containers) if one.service == name}
        return tuple(k for k in there(self.seen.kernel) if k.container_id in ids and _OOM.search(k.text))

    def killed_for_memory(self, name: str) -> bool:
        """Return whether the engine or the kernel says that it was killed for memory."""
        container = self.container(name)
        return bool(container and container.oom_killed) or bool(self.memory_kills(name))

    def kernel(self, pattern: str) -> Iterator[KernelFact]:
        """Yield the kernel's lines with `pattern` in them, the oldest first."""
        return (line for line in there(self.seen.kernel) if re.search(pattern, line.text))


class _Same:
    """A plan and a snapshot, equal only to the very same ones: many checks ask for one scene."""

    def __init__(self, plan: Plan, seen: Snapshot) -> None:
        self.plan, self.seen = plan, seen

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.plan is other.plan and self.seen is other.seen

    def __hash__(self) -> int:
        return hash((id(self.plan), id(self.seen)))


@lru_cache(maxsize=4)
def _scene(same: _Same) -> Scene:
    return Scene(same.plan, same.seen)


def scene_of(plan: Plan, seen: Snapshot) -> Scene:
    """Return the scene of a plan and a snapshot; the same ones share it, and what was read of it."""
    return _scene(_Same(plan, seen))
