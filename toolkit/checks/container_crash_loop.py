"""Does a container that runs keep running?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Confidence, Finding, Status, Suite, check
from toolkit.clock import seconds_between
from toolkit.snapshot import Need, known

_LINES = 5

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# So many restarts, the last of them so lately: it will hardly be the last one.
_RESTARTS, _LATELY_S = 3, 600


@check(
    "container.crash-loop",
    "No container that runs has just been restarted again and again",
    needs={Need.CONTAINERS, Need.LOGS},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.*", "edge.*", "alert.*"),
)
def container_crash_loop(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the engine has restarted a container three times, the last time within ten minutes.

    It runs at this moment, so that its state alone says nothing. Restarts of long ago are told, and nothing more.
    """
    logs = {log.service: log.lines for log in known(seen.logs)}
    for fact in known(seen.containers):
        if fact.state != "running" or plan.service(fact.service) is None or not fact.restart_count:
            continue
        since_s = seconds_between(fact.started_at, seen.taken_at)
        loops = fact.restart_count >= _RESTARTS and since_s is not None and since_s < _LATELY_S
        ended = f", the last time with exit code {fact.exit_code}" if fact.exit_code else ""
        yield Finding(
            subject=fact.service,
            status=Status.FAIL if loops else Status.PASS,
            observed=f"restarted {fact.restart_count} times{ended}; it runs since {fact.started_at[:19]}",
            expected="no restarts" if loops else "",
            cause="killed for memory" if loops and fact.oom_killed else "",
            remedy=f"toolkit logs {fact.service} --tail 200" if loops else "",
            evidence=logs.get(fact.service, ())[-_LINES:] if loops else (),
            confidence=Confidence.CERTAIN if fact.oom_killed else Confidence.LIKELY,
        )
