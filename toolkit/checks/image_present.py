"""Are the images there?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "image.present",
    "The images of all services are on this machine",
    needs={Need.IMAGES, Need.CONTAINERS},
    suites={Suite.DIAGNOSE},
    explains=("container.*", "endpoint.*", "edge.*", "alert.*", "=release.*"),
)
def image_present(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a service does not run and its image is not here; warn where it runs from one that is gone by now."""
    there = {image.reference for image in known(seen.images) if image.present}
    running = {fact.service for fact in known(seen.containers) if fact.state == "running"}
    step = "toolkit images build" if plan.image_source == "local" else "toolkit up"
    missing = [service for service in plan.started if service.image not in there]
    for service in missing:
        runs = service.name in running
        yield Finding(
            subject=service.name,
            status=Status.WARN if runs else Status.FAIL,
            observed=f"image {service.image} is not on this machine",
            cause="it runs on; made anew, it could not start" if runs else "nothing to start it from",
            remedy=f"{step}: it {'builds' if plan.image_source == 'local' else 'pulls'} what is missing",
        )
    if not missing:
        yield Finding("images", Status.PASS, f"{len(there)} of {len(there)} are here")
