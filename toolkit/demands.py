"""What the plan demands of disks and kernel, against what is there: what several checks share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status
from toolkit.facts import CardStateFact, DiskFact, HubFact, ImageFact
from toolkit.planning.image_sizes import image_bytes
from toolkit.planning.outside import hub_models
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import CardPin, Plan
    from toolkit.planning.sysctls import Sysctl

# An empty MariaDB with its redo log of 1 GiB comes to 1.2 GiB, the others to less; what comes in is the users' affair.
_VOLUME_BYTES = 1280 * MIB
_CACHES = frozenset({"model-cache"})


def data_bytes(plan: Plan) -> int:
    """Return the bytes of fresh volumes and of all containers' logs at their limit."""
    volumes = {mount.source for s in plan.services for mount in s.mounts if mount.kind == "volume"}
    logs = plan.logs.max_bytes * plan.logs.max_files * sum(s.replicas for s in plan.services)
    return len(volumes - _CACHES) * _VOLUME_BYTES + logs


def missing_image_bytes(plan: Plan, images: Collection[ImageFact]) -> tuple[int, tuple[str, ...]]:
    """Return about the bytes of the images that are not here, and the references whose size nobody knows."""
    absent = {image.reference for image in images if not image.present}
    sizes = {s.image: image_bytes(s.pin, plan.image_source) for s in plan.services if s.image in absent}
    unknown = tuple(reference for reference, size in sizes.items() if size is None)
    return sum(size or 0 for size in sizes.values()), unknown


def missing_model_bytes(plan: Plan, hub: Collection[HubFact]) -> tuple[int, tuple[str, ...]]:
    """Return the bytes of the repositories that have to be fetched, and those whose size nobody knows.

    The Hub's own figure counts first, all files of a repository; else the catalogue's, its weights.
    """
    planned = {model.repository: model.weight_bytes for model in hub_models(plan)}
    sizes = {one.repository: one.size_bytes or planned.get(one.repository) for one in hub}
    unknown = tuple(repository for repository, size in sizes.items() if size is None)
    return sum(size or 0 for size in sizes.values()), unknown


def disk_of(disks: Collection[DiskFact], purpose: str) -> DiskFact | None:
    """Return the disk for `purpose`, None where nobody asked for one."""
    return next((disk for disk in disks if disk.purpose == purpose), None)


def on_disk_of(disks: Collection[DiskFact], purpose: str, wanted: dict[str, int]) -> int:
    """Return the sum of `wanted` (bytes by purpose) over all purposes whose disk is that of `purpose`."""
    own = disk_of(disks, purpose)
    return sum(wanted.get(disk.purpose, 0) for disk in disks if own is not None and disk.device == own.device)


def is_on(pin: CardPin, card: CardStateFact) -> bool:
    """Return whether a pinned card is this one: by its UUID where that is known, else by its index."""
    return pin.device_id == card.uuid if pin.device_id.startswith("GPU-") else pin.index == card.index


def services_on(plan: Plan, card: CardStateFact) -> tuple[str, ...]:
    """Return the services that are planned on a card."""
    return tuple(s.name for s in plan.services if any(is_on(pin, card) for pin in s.gpus))


def sysctl_findings(plan: Plan, seen: Mapping[str, str], sysctl: Sysctl) -> Iterator[Finding]:
    """Yield a finding for each service that needs `sysctl`; a kernel without it is not asked for it."""
    value = seen.get(sysctl.name)
    for service in (name for name, wanted in plan.sysctls if wanted == sysctl and value is not None):
        met = sysctl.met(value or "")
        yield Finding(
            subject=service,
            status=Status.PASS if met else Status.FAIL if sysctl.required else Status.WARN,
            observed=f"{sysctl.name} is {value}",
            expected=f"{sysctl.least}" if sysctl.exact else f"{sysctl.least} at least",
            cause="" if met else sysctl.why,
            remedy=""
            if met
            else f"sysctl -w {sysctl.name}={sysctl.least}, and a line in /etc/sysctl.d/ for the next boot",
        )
