"""Does the kernel let Elasticsearch map its files?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.demands import sysctl_findings
from toolkit.planning.sysctls import MAX_MAP_COUNT
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "sysctl.max-map-count",
    "The kernel lets Elasticsearch map its files",
    needs={Need.SYSCTLS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def sysctl_max_map_count(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where Elasticsearch is planned and may map fewer areas of memory than it refuses to start with.

    https://www.elastic.co/docs/deploy-manage/deploy/self-managed/vm-max-map-count
    """
    return sysctl_findings(plan, known(seen.sysctls), MAX_MAP_COUNT)
