"""Does a certificate end soon?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.clock import seconds_between
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_SOON_DAYS, _NOW_DAYS = 30, 7
_DAY_S = 86_400


@check(
    "certificate.end",
    "No certificate ends soon",
    needs={Need.CERTIFICATES},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.*", "edge.*", "alert.*"),
)
def certificate_end(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of a certificate among the mounted files that ends within 30 days, fail within 7 and when it is over."""
    del plan
    for one in known(seen.certificates):
        days = (seconds_between(seen.taken_at, one.ends_at) or 0) / _DAY_S
        status = Status.FAIL if days < _NOW_DAYS else Status.WARN if days < _SOON_DAYS else Status.PASS
        bad = status is not Status.PASS
        yield Finding(
            subject=one.path,
            status=status,
            observed=f"it ended on {one.ends_at[:10]}" if days < 0 else f"it ends on {one.ends_at[:10]}",
            expected=f"{_SOON_DAYS} days more" if bad else "",
            remedy=f"put a new one in its place, then toolkit restart {one.service}" if bad else "",
            concerns=(one.service,),
        )
