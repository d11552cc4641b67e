"""Does what runs come from this profile?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "release.differs",
    "What runs is what the profile renders",
    needs={Need.RELEASE},
    suites={Suite.DIAGNOSE},
)
def release_differs(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of each service that `up` would make anew, change or remove, with what differs of its definition.

    What is not there at all is container.absent's.
    """
    differing = [one for one in known(seen.release) if one.kind != "create"]
    for one in differing:
        yield Finding(
            subject=one.service,
            status=Status.WARN,
            observed=f"`toolkit up` would {one.kind} it: {one.cause}",
            expected="as rendered from toolkit.yaml",
            remedy="`toolkit diff` shows it to the line; `toolkit up` brings it about",
            evidence=one.changes,
        )
    if not differing:
        yield Finding(plan.project, Status.PASS, "what is there is as rendered")
