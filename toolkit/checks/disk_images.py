"""Is there room for the images that are not here yet?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import disk_of, missing_image_bytes
from toolkit.snapshot import Need, known
from toolkit.units import MIB, about_gib

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "disk.images",
    "The disk has room for the images that are not here yet",
    needs={Need.DISKS, Need.IMAGES},
    suites={Suite.PREFLIGHT},
)
def disk_images(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the missing images, unpacked, do not fit where the engine keeps them; sizes are rounded up."""
    disk = disk_of(known(seen.disks), "images")
    if disk is None:
        return
    wanted, unknown = missing_image_bytes(plan, known(seen.images))
    fits = wanted <= disk.free_mib * MIB
    yield Finding(
        subject=disk.path,
        status=Status.PASS if fits else Status.FAIL,
        observed=f"{about_gib(disk.free_mib * MIB)} free",
        expected=f"{about_gib(wanted)} for images that are not here yet"
        + (f", without {', '.join(unknown)}, whose size nobody knows" if unknown else ""),
        remedy=""
        if fits
        else "`docker image prune --all` removes images that no container uses; or move the engine's `data-root`",
    )
