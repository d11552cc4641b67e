"""Was anything ended by force, and not for memory?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE
from toolkit.diagnosis.accounts import there
from toolkit.diagnosis.scene import scene_of
from toolkit.findings import Confidence, Finding, Status
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_KILLED = 137


@check(
    "container.killed",
    "Nothing was ended by force",
    needs={Need.CONTAINERS},
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_killed(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of exit code 137 where neither engine nor kernel says that it was for memory.

    Then somebody or something sent SIGKILL: `docker kill`, a watcher, or a stop whose grace period was shorter than the
    server's end. It is a trace, not a cause: what the server wrote before counts more.
    """
    scene = scene_of(plan, seen)
    for container in there(seen.containers):
        forced = container.exit_code == _KILLED and not container.healthy
        if forced and not scene.killed_for_memory(container.service):
            yield Finding(
                subject=container.service,
                status=Status.WARN,
                observed="ended by SIGKILL (exit code 137)",
                cause="somebody or something killed it, and neither engine nor kernel says for memory: "
                "`docker kill`, "
                "or a stop that it did not follow within its grace period",
                remedy="raise its stop_grace_period where it ends slowly; look at who stopped it: `docker "
                "events`",
                confidence=Confidence.POSSIBLE,
                rejected=("memory: OOMKilled is false, and the kernel's log names no kill of it",),
            )
