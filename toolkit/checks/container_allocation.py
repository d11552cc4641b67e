"""Do processes get memory when they ask?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _limit(hit: Hit, scene: Scene) -> Iterator[Signal]:
    limit = scene.memory_limit_mib(hit.subject)
    if scene.killed_for_memory(hit.subject):
        yield speaks_for("engine or kernel killed processes of it for memory", 2)
    elif limit is not None and scene.host is not None and (scene.host.available_mib or 0) > 2 * limit:
        yield speaks_for(f"its limit is {limit} MiB, and the host has {scene.host.available_mib} MiB to give")


RULES = (
    Rule(
        "memory refused",
        says=r"[Cc]annot allocate memory|\bENOMEM\b|Errno 12\]|[Oo]ut of memory(?!.*(?:Killed process"
        r"|CUDA))|Not enough memory|std::bad_alloc|\bMemoryError\b|failed to (?:allocate|map) memory",
        cause="a process asked for memory and got none: the container's limit, or the host's memory (with "
        "vm.overcommit_memory 2 also what it may promise)",
        remedy="raise {section}.memory where the host has it, else let the service use less",
        weight=1,
        facts=_limit,
    ),
)


@check(
    "container.allocation",
    "Processes get the memory that they ask for",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_allocation(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say that memory was refused to a process, where its own server's rules do not know more.

    A refusal is not a kill: the process goes on, or ends with an error of its own. The limit of the container and
    what the host has to give decide. It is a generic reading, possible only: what the server says of itself comes
    before it.
    """
    return read(RULES, plan, seen)
