"""Can the model be split so?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, read
from toolkit.diagnosis.tuning import flag
from toolkit.findings import Change, Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _needs_divisor(hit: Hit, scene: Scene) -> Iterator[Change]:
    heads, asked = hit.number("heads"), hit.number("size")
    if heads and asked:
        fits = next(size for size in range(int(asked), 0, -1) if int(heads) % size == 0)
        yield flag(hit, scene, "tensor_parallel_size", fits)


RULES = (
    Rule(
        "heads that do not divide",
        says=r"(?:Total )?number of (?P<what>attention|key/value"
        r"|KV) heads \((?P<heads>\d+)\) must be divisible by (?:the )?tensor"
        r" parallel size \((?P<size>\d+)\)|attention heads .*divisible by .*tensor.parallel",
        cause="the model has {heads} {what} heads, which do not divide by tensor_parallel_size {size}",
        remedy="set {section}.flags.tensor_parallel_size to a divisor of {heads} that is no more than "
        "the cards",
        weight=3,
        changes=_needs_divisor,
        rejects=("a bug of the parallel code: it is checked before anything is loaded",),
    ),
    Rule(
        "layer that does not divide",
        says=r"(?P<n>\d+) is not divisible by (?P<size>\d+)"
        r"|input size is not aligned with the quantized weight shape"
        r"|(?:input|output)_size_per_partition ?= ?\d+ is not divisible by|weight (?:input"
        r"|output)_size_per_partition.*not divisible"
        r"|vocab(?:ulary)? size.*divisible by",
        cause="a layer of the model does not divide by tensor_parallel_size (or by the blocks of its "
        "quantization then)",
        remedy="a smaller {section}.flags.tensor_parallel_size, 1 or 2",
        weight=2,
    ),
    Rule(
        "more parts than cards",
        says=r"(?i)world size \((?P<size>\d+)\) is larger than the number of available GPUs "
        r"\((?P<cards>\d+)\)"
        r"|Tensor parallel size \((?P<tp>\d+)\) cannot be larger than the number of available GPUs "
        r"\((?P<have>\d+)\)"
        r"|The number of required GPUs exceeds the total number of available GPUs"
        r"|current platform \S+ does not have enough GPUs",
        cause="tensor_parallel_size {size}{tp} is more than the {cards}{have} cards that the container has",
        remedy="give {section}.gpus as many cards, or lower {section}.flags.tensor_parallel_size",
        weight=3,
    ),
    Rule(
        "pipeline that this model or quantization cannot do",
        says=r"Pipeline parallelism is not supported|SupportsPP|with (?:TP|PP)\b.{0,20}not supported"
        r"|(?:[Tt]ensor|[Pp]ipeline|[Dd]ata|[Ee]xpert)[ -][Pp]arallel\w*.{0,40}(?:not supported|is only "
        r"supported)",
        cause="this model or its quantization cannot be split that way over cards",
        remedy="take the other way ({section}.flags.tensor_parallel_size instead of pipeline_parallel_size, or "
        "the other way round), or one card",
        weight=3,
    ),
    Rule(
        "nodes that Ray or vLLM cannot tell apart",
        says=r"Every node should have a unique IP address|[Mm]ultiple nodes? .*same IP",
        cause="several hosts show the same address, or one host several: vLLM cannot tell them apart",
        remedy="set VLLM_HOST_IP on each host to its own address (the one that Ray shows), and start Ray "
        "anew",
        weight=3,
    ),
    Rule(
        "Ray of different versions",
        says=r"Version mismatch: The cluster was started with|Ray (?:version|Python).{0,20}mismatch",
        cause="the hosts run different versions of Ray or Python",
        remedy="the same image (same tag, same digest) on every host",
        weight=3,
    ),
    Rule(
        "Ray node without a card",
        says=r"Current node has no GPU available|placement group.{0,60}no GPU|has no GPU.*cannot start",
        cause="the host on which the server starts has no card that Ray knows: its Ray was started without "
        "one",
        remedy="start Ray on that host with its cards (`ray start --num-gpus`, the container with gpus), `ray "
        "status` shows them",
        weight=4,
    ),
    Rule(
        "cards that Ray does not have",
        says=r"placement group.*(?:timeout|cannot be|not ready)|Cannot provide a placement group"
        r"|No available node types can fulfill|RayActorError|Ray does not allocate any GPUs"
        r"|ray\.exceptions|A worker died or was killed while executing a task|has been marked dead because "
        r"the detector",
        cause="Ray has no node with so many free cards, or a worker of it ended",
        remedy="`ray status` on the head; on one host take --distributed-executor-backend mp",
        weight=2,
    ),
)


@check(
    "vllm.parallel",
    "The model can be split over its cards",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_parallel(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which size does not divide when a model is spread over cards.

    Attention heads must divide by tensor_parallel_size; this is checked before anything is loaded, on any
    machine. Take a divisor that is no more than the cards, or pipeline parallelism. Certain from the text.
    """
    return read(RULES, plan, seen)
