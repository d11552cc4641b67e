"""Is there room for the models that have to be fetched?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import disk_of, missing_image_bytes, missing_model_bytes, on_disk_of
from toolkit.snapshot import Need, known
from toolkit.units import MIB, about_gib

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "disk.models",
    "The disk has room for the models that have to be fetched",
    needs={Need.DISKS, Need.IMAGES, Need.HUB},
    suites={Suite.PREFLIGHT},
)
def disk_models(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the files of the missing models do not fit beside the missing images; warn where sizes are unknown."""
    disk, hub = disk_of(known(seen.disks), "models"), known(seen.hub)
    if disk is None or not hub:
        return
    models, unknown = missing_model_bytes(plan, hub)
    images, _ = missing_image_bytes(plan, known(seen.images))
    wanted = on_disk_of(known(seen.disks), "models", {"models": models, "images": images})
    fits = wanted <= disk.free_mib * MIB
    names = ", ".join(unknown)
    yield Finding(
        subject=disk.path,
        status=Status.FAIL if not fits else Status.WARN if unknown else Status.PASS,
        observed=f"{about_gib(disk.free_mib * MIB)} free",
        expected=f"{about_gib(wanted)} for models to be fetched, and for images on the same disk",
        cause=f"nobody knows the size of {names}" if unknown else "",
        remedy=""
        if fits and not unknown
        else "make room, choose a smaller model, or keep them elsewhere: `model_cache.source` in toolkit.yaml",
    )
