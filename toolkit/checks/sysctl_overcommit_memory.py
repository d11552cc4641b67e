"""Does the kernel let Redis fork?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.demands import sysctl_findings
from toolkit.planning.sysctls import OVERCOMMIT
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "sysctl.overcommit-memory",
    "The kernel lets Redis copy itself for saving",
    needs={Need.SYSCTLS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def sysctl_overcommit_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where Redis saves and the kernel would refuse it the copy of itself that saving takes.

    A Redis that is only a cache never saves, so it does not need it:
    https://redis.io/docs/latest/operate/oss_and_stack/management/admin/
    """
    return sysctl_findings(plan, known(seen.sysctls), OVERCOMMIT)
