"""Does vLLM find the card memory that it was promised?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.diagnosis.tuning import to_free_share
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_FREE = (
    r"Free memory on device.*?\(?(?P<free>[\d.]+)/(?P<total>[\d.]+) GiB\)? on startup is less than desired "
    r"GPU memory"
    r" utilization(?: \((?P<share>[\d.]+)(?:, (?P<wanted>[\d.]+) GiB)?)?"
    r"|Free memory on device|less than desired GPU memory utilization"
    r"|Error in memory profiling.*(?:Initial|initial) free memory"
    r"|Initial free memory \S+.*less than current free memory|memory usage of vLLM instances? .*changed during"
)


def _orphan(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.orphans(hit.subject):
        yield speaks_for(f"pid {one.pid} ({one.name}) holds {one.used_mib} MiB and runs in no container", 3)
    if not scene.orphans(hit.subject):
        yield against("no process of a model server outside of containers holds memory of the card")


def _other_program(hit: Hit, scene: Scene) -> Iterator[Signal]:
    orphans = scene.orphans(hit.subject)
    for one in scene.strangers(hit.subject):
        if one not in orphans and not one.service:
            where = f"container {one.container}" if one.container else "no container"
            yield speaks_for(f"pid {one.pid} ({one.name}, {where}) holds {one.used_mib} MiB of the card", 2)


def _own_neighbour(hit: Hit, scene: Scene) -> Iterator[Signal]:
    neighbours = [one for one in scene.strangers(hit.subject) if one.service]
    for one in neighbours:
        yield speaks_for(f"{one.service} (pid {one.pid}) holds {one.used_mib} MiB of the card", 2)
    if not neighbours:
        yield against("no other service of this stack holds memory of the card")


RULES = (
    Rule(
        "orphan of a killed server",
        says=_FREE,
        cause="a model server that was killed left its engine process behind, and that still holds the "
        "card's memory",
        remedy="`kill PID` of that process (`nvidia-smi` lists it), then `toolkit up`; "
        "do not tune: utilization, length and sequences are not the cause",
        weight=1,
        facts=_orphan,
        rejects=("gpu_memory_utilization is too high: it fits as soon as the orphan is gone",),
    ),
    Rule(
        "another program on the card",
        says=_FREE,
        cause="something else already holds memory of this card: free is less than the share of the total "
        "that vLLM wants",
        remedy="stop the other program (`nvidia-smi` names it) or pick an empty card; "
        "else lower gpu_memory_utilization below free/total: {section}.flags.gpu_memory_utilization",
        weight=2,
        facts=_other_program,
        changes=to_free_share,
        rejects=("the model is too large: this is checked before its weights are loaded",),
        expected="free memory of at least utilization × total",
    ),
    Rule(
        "another service of this stack on the card",
        says=_FREE,
        cause="two services of this stack share the card, and their shares together are more than it has, "
        "or one started "
        "while the other still took its memory",
        remedy="lower gpu_memory_utilization or gpu_share of {section}, so that all shares of the "
        "card stay under 0.9, "
        "and start one after the other (`after:`)",
        weight=1,
        facts=_own_neighbour,
        changes=to_free_share,
    ),
)


@check(
    "vllm.card-free",
    "vLLM finds the card memory that it was promised",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_card_free(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say who holds the card when vLLM finds less free memory than its share of the total.

    At its start vLLM compares what is free with utilization × total. Too little free means that somebody else
    holds the card, never that the model is too large: its weights are not loaded yet. Who it is decides what to
    do. An orphan (an engine process of a killed server, in no container): end it, and do not tune, as lowering
    the utilization only makes a smaller server beside a ghost. Another program: stop it, or lower the utilization
    below free/total. A service of this stack: mend the shares. Certain where the driver's list of processes
    agrees, likely from the text alone.
    """
    return read(RULES, plan, seen)
