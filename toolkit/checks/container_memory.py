"""Was anything killed for memory?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, Scene
from toolkit.diagnosis.accounts import there
from toolkit.diagnosis.scene import scene_of
from toolkit.findings import Confidence, Finding, Status
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_HOST = re.compile(r"CONSTRAINT_NONE|global_oom|^Out of memory: Kill")
_POOLS = {"mariadb": "lower innodb_buffer_pool_size to 50 to 70 % of the limit, or "}


@check(
    "container.memory",
    "Nothing was killed for memory",
    needs={Need.CONTAINERS},
    wants=EVIDENCE | {Need.LOGS, Need.USAGE},
    suites={Suite.DIAGNOSE},
    explains=(
        "mariadb.*",
        "postgres.*",
        "redis.*",
        "elasticsearch.*",
        "prometheus.*",
        "vllm.*",
        "container.down",
    ),
)
def container_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say who was killed for memory, and whether the limit of the container or the host was the reason.

    By its limit: the engine says OOMKilled, or the kernel CONSTRAINT_MEMCG: raise services.*.memory, or let the
    server use less. By the host (CONSTRAINT_NONE): raising the limit makes it worse; plan less. A child that was
    killed leaves the container running and OOMKilled false: only the kernel's log tells. Exit code 137 alone
    is a SIGKILL by anyone (container.killed). Its own log just ends.
    """
    scene = scene_of(plan, seen)
    for container in there(seen.containers):
        lines = [one.text for one in there(seen.kernel) if one.container_id == container.container_id]
        kills = tuple(text for text in lines if re.search(r"(?i)oom|out of memory", text))
        counted = [one.oom_kills for one in there(seen.usage) if one.container_id == container.container_id]
        if container.oom_killed or kills or any(counted):
            yield _finding(container, kills, scene)


def _finding(container: ContainerFact, kills: tuple[str, ...], scene: Scene) -> Finding:
    name, section = container.service, scene.section(container.service)
    limit = scene.memory_limit_mib(name)
    child = not container.oom_killed and container.state == "running"
    what = "one of its processes was killed" if child else "it was killed"
    by_host = any(_HOST.search(text) for text in kills)
    if by_host:
        cause = f"{what} as the host ran out of memory: all services together use more than it has"
        remedy = "plan less for this host (headroom, or services.*.memory); raising this limit makes it worse"
        rejected = (f"the limit of {name}: the kernel names no control group (CONSTRAINT_NONE)",)
    else:
        cause = f"{what} for reaching its limit" + (f" of {limit} MiB" if limit else "")
        remedy = f"{_POOLS.get(name, '')}raise {section}.memory in toolkit.yaml"
        rejected = ("the host is out of memory: the kill was that of the container's own limit",)
    return Finding(
        subject=name,
        status=Status.FAIL,
        observed="killed for memory" + (f", exit code {container.exit_code}" if container.exit_code else ""),
        cause=cause,
        remedy=remedy,
        evidence=(*kills[:2], *(("the engine says OOMKilled",) if container.oom_killed else ())),
        confidence=Confidence.CERTAIN,
        rejected=rejected,
    )
