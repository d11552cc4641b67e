"""Are the names known of what has to be fetched?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "host.names",
    "DNS knows the names of what has to be fetched",
    needs={Need.NAMES},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def host_names(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of a registry or Hub whose name is unknown here; behind a proxy that may be as it should be."""
    del plan
    for name in known(seen.names):
        yield Finding(
            subject=name.subject,
            status=Status.WARN if name.refusal else Status.PASS,
            observed=name.refusal or "known",
            expected="" if not name.refusal else "an address, as something has to be fetched from there",
            remedy=""
            if not name.refusal
            else f"`getent hosts {name.subject}` asks the same; check /etc/resolv.conf, or the proxy of the engine",
        )
