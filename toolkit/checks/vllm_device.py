"""Does the server see a card?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_NO_CARD = (
    r"Failed to infer device type|No CUDA GPUs are available|Found no NVIDIA driver"
    r"|libcuda\.so(?:\.1)?:? (?:cannot open|file too short)|UnspecifiedPlatform"
    r"|NVML_ERROR_(?:UNINITIALIZED|LIBRARY_NOT_FOUND|DRIVER_NOT_LOADED)|NVML Shared Library Not Found"
    r"|no CUDA-capable device is detected"
    r"|cudaErrorNoDevice|CUDA driver initialization failed|Torch not compiled with CUDA enabled"
    r"|CUDA is not available|NVIDIA Driver was not detected"
)


def _given_none(hit: Hit, scene: Scene) -> Iterator[Signal]:
    planned_service = scene.service(hit.subject)
    if planned_service is not None and not planned_service.gpus:
        yield speaks_for("the plan gives this service no card", 2)
    if scene.engine is not None and "nvidia" not in scene.engine.runtimes:
        yield speaks_for("the engine lists no runtime nvidia")


def _card_gone(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    for line in scene.kernel(r"Xid.*: 79,|fallen off the bus"):
        yield speaks_for(f"the kernel lost a card: {line.text}", 3)


RULES = (
    Rule(
        "container without a card",
        says=_NO_CARD,
        cause="the container was created without a GPU (no device reservation, or the NVIDIA runtime is missing), "
        "so that vLLM finds no driver library in it",
        remedy="give the service a card: `gpus` of {section} and hosts.*.gpus, with the NVIDIA Container "
        "Toolkit on the host; on a machine without cards `hardware: cpu`",
        weight=2,
        facts=_given_none,
        rejects=("a flag such as --device is missing: no flag brings a card into a container",),
    ),
    Rule(
        "card that fell off the bus",
        says=_NO_CARD,
        cause="the card is gone from the machine",
        remedy="restart the machine; see what the kernel wrote first (Xid)",
        weight=0,
        facts=_card_gone,
    ),
    Rule(
        "index of a card that the container does not have",
        says=r"invalid device ordinal|CUDA_VISIBLE_DEVICES.*(?:invalid|out of range)"
        r"|local[_ ]rank.*(?:out of bounds|exceeds)"
        r"|DP adjusted local rank \d+ is out of bounds",
        cause="the server asks for a card by an index that its container does not have: inside, cards "
        "count from 0",
        remedy="take CUDA_VISIBLE_DEVICES out of {section}.environment; `gpus` alone says which cards "
        "it gets",
        weight=3,
    ),
    Rule(
        "card named by its UUID",
        says=r"invalid literal for int\(\) with base 10: '(?:GPU|MIG)-|NVMLError_InvalidArgument"
        r"|MIG-\S+.*(?:invalid|not found)|No MIG devices found",
        cause="CUDA_VISIBLE_DEVICES names a card by its UUID, or the card is divided (MIG) and has no part "
        "that was given",
        remedy="take CUDA_VISIBLE_DEVICES out of {section}.environment; of a divided card name the "
        "part in gpus",
        weight=3,
    ),
    Rule(
        "nvidia-smi is not in the container",
        says=r"nvidia-smi['\"]?:? (?:executable file|command)? ?not found|exec: \"nvidia-smi\"",
        cause="the driver's programs are not mounted into the container: it was created without a card or "
        "without the NVIDIA runtime",
        remedy="give the service a card (`gpus`), or make the runtime known: `nvidia-ctk runtime configure "
        "--runtime=docker` and restart the engine",
        weight=3,
    ),
)


@check("vllm.device", "The server sees a card", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def vllm_device(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a model server finds no card in its container.

    `Failed to infer device type` reads as a missing flag and is none: the container has no card. Either nobody
    asked for one, or the engine has no NVIDIA runtime, or the card is gone from the machine. nvidia-smi on the
    host shows none of these: it looks past the container.
    """
    return read(RULES, plan, seen)
