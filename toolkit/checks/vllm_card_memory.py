"""Does the work of a model server fit its card?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.diagnosis.tuning import fewer_sequences, next_rung
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_OUT = (
    r"\b(?:torch(?:\.cuda)?\.)?OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|cudaErrorMemoryAllocation"
    r"|CUBLAS_STATUS_ALLOC_FAILED"
    r"|cudaGetDeviceCount\(\).*Error 2: out of memory|HIP out of memory|NVRTC.*out of memory"
    r"|CUDA_ERROR_OUT_OF_MEMORY|Failed to CUDA calloc"
)


def _orphan(hit: Hit, scene: Scene) -> Iterator[Signal]:
    orphans = scene.orphans(hit.subject)
    for one in orphans:
        yield speaks_for(f"pid {one.pid} ({one.name}) holds {one.used_mib} MiB and runs in no container", 3)
    if not orphans:
        yield against("no process of a model server outside of containers holds memory of the card")


def _strangers(hit: Hit, scene: Scene) -> Iterator[Signal]:
    others = [one for one in scene.strangers(hit.subject) if one not in scene.orphans(hit.subject)]
    for one in others:
        yield speaks_for(f"pid {one.pid} ({one.name}) holds {one.used_mib} MiB of the card", 2)
    if not others:
        yield against("the driver shows no other program on the card")


RULES = (
    Rule(
        "orphan of a killed server",
        says=_OUT,
        cause="a model server that was killed left its engine process behind, and that still holds the "
        "card's memory",
        remedy="`kill PID` of that process (`nvidia-smi` lists it), then `toolkit up`; do not tune",
        weight=1,
        facts=_orphan,
        rejects=("the flags are too large: they fit as soon as the orphan is gone",),
    ),
    Rule(
        "too many sequences in the sampler's warm-up",
        says=r"CUDA out of memory occurred when warming up sampler with (?P<seqs>\d+) dummy requests",
        cause="the sampler is warmed up with max_num_seqs ({seqs}) requests at once, and their logits do "
        "not fit",
        remedy="lower {section}.flags.max_num_seqs first; only then gpu_memory_utilization",
        weight=4,
        changes=fewer_sequences,
        rejects=("the weights or the length are too large: both were loaded and measured before",),
    ),
    Rule(
        "CUDA graphs",
        says=r"(?i)(?:captur\w+ (?:the )?(?:CUDA ?)?graph|cudagraph|graph capture).{0,200}out of memory"
        r"|out of memory.{0,200}(?:captur|cudagraph|graph)",
        cause="the card was full when CUDA graphs were captured, which takes memory beyond the share",
        remedy="lower {section}.flags.gpu_memory_utilization, or set {section}.flags.enforce_eager: true",
        weight=3,
        changes=next_rung,
    ),
    Rule(
        "another program on the card",
        says=_OUT,
        cause="another program takes memory of the card while this server runs",
        remedy="stop it (`nvidia-smi` names it) or give the server another card; else lower "
        "gpu_memory_utilization",
        weight=1,
        facts=_strangers,
    ),
    Rule(
        "work larger than the card",
        says=_OUT,
        cause="weights, cache and one step together take more than the card has left beside the share",
        remedy="the ladder, one rung at a time: lower {section}.flags.gpu_memory_utilization (0.82 → 0.75), "
        "then max_model_len (6144 → 4096), then max_num_seqs (16 → 8)",
        weight=2,
        changes=next_rung,
    ),
)


@check(
    "vllm.card-memory",
    "The work of a model server fits its card",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_card_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what ran out of the card's memory, and which flag to lower first.

    `CUDA out of memory` comes after the weights were loaded: PyTorch asked for more than the card had left. Who
    else holds the card is looked at first: an orphan is ended, not tuned around. In the sampler's warm-up it is
    max_num_seqs that is lowered first; elsewhere the ladder goes utilization, length, sequences, one rung at a
    time. Raising the utilization makes it worse here, unlike with `No available memory for the cache blocks`.
    """
    return read(RULES, plan, seen)
