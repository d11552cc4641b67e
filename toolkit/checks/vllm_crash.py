"""Do the server's kernels run?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_ILLEGAL = (
    r"illegal memory access|cudaErrorIllegalAddress|CUDA_ERROR_ILLEGAL_ADDRESS"
    r"|an illegal instruction was encountered|unspecified launch failure|cudaErrorLaunchFailure|misaligned "
    r"address"
)
_HARDWARE = r"Xid.*: (?:48|63|64|74|79|92|94|95|119|120),|fallen off the bus"


def _software(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    for line in list(scene.kernel(r"Xid.*: (?:13|31|43),"))[:1]:
        yield speaks_for(f"an Xid of software, and none of hardware: {line.text}", 2)
    for line in list(scene.kernel(_HARDWARE))[:1]:
        yield against(f"an Xid of hardware: {line.text}", 3)


def _hardware(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    hard = list(scene.kernel(_HARDWARE))[:1]
    yield from (speaks_for(f"the kernel wrote: {line.text}", 4) for line in hard)
    if not hard:
        yield against("the kernel's log has no Xid of hardware")


RULES = (
    Rule(
        "bug of a kernel backend",
        says=_ILLEGAL,
        cause="a kernel of this backend reads where it must not: a bug of software (attention, MoE or "
        "quantization backend), not hardware",
        remedy="switch the backend (VLLM_ATTENTION_BACKEND: FLASH_ATTN, or the default MoE backend) in "
        "{section}.environment, then update the image; CUDA_LAUNCH_BLOCKING=1 names the kernel",
        weight=2,
        facts=_software,
        rejects=(
            "too little memory: an illegal address is no lack of memory, so lowering memory flags does not "
            "help",
            "the line of Python in the traceback: the card reports late, it is a bystander",
        ),
    ),
    Rule(
        "fault of the card",
        says=_ILLEGAL + r"|CUDA error: uncorrectable ECC|ECC error"
        r"|GPU is lost|device (?:is )?lost|cudaErrorECCUncorrectable|hardware stack error",
        cause="the card itself failed: the kernel's log says so",
        remedy="stop the server, reset the card or restart the host; see gpu.xid for what the number means",
        weight=1,
        facts=_hardware,
    ),
    Rule(
        "memory error of the card",
        says=r"uncorrectable ECC|cudaErrorECCUncorrectable|double bit ECC",
        cause="the card's memory has an error that it cannot correct",
        remedy="drain the server, reset the card (`nvidia-smi --gpu-reset`) or restart the host; replace "
        "the card where it comes back",
        weight=3,
    ),
    Rule(
        "index out of a kernel's bounds",
        says=r"device-side assert triggered|cudaErrorAssert",
        cause="a kernel checked an index and found it out of bounds: a token outside of the vocabulary, or "
        "a position past the context",
        remedy="compare tokenizer and vocabulary of the model, and max_model_len with its positions",
        weight=2,
        rejects=("broken hardware: it is an index check",),
    ),
    Rule(
        "page of shared memory that cannot be had",
        says=r"\bBus error|SIGBUS|signal 7\b|insufficient shared memory|died with exit code -7\b",
        cause="a page of shared memory or of a mapped file could not be had (SIGBUS): /dev/shm of the container is "
        "too small for what the workers exchange; with room there the storage of the weights fails",
        remedy="raise {section}.shm_size (or ipc: host); with room in /dev/shm copy the weights to a local "
        "disk and look at the kernel's log for I/O errors",
        weight=3,
        rejects=("GPU memory: the signal is of the host's memory",),
    ),
    Rule(
        "engine process ended by a signal",
        says=r"Segmentation fault|(?<!Bus error \()core dumped|SIGSEGV|Fatal Python error(?!: Bus)"
        r"|died with (?:exit code -(?P<signal>(?!7\b)\d+)|signal)",
        cause="a native library of the server crashed",
        remedy="the lines before it name the library; take another image version, and report it there",
        weight=1,
    ),
    Rule(
        "cuBLAS or cuDNN failed",
        says=r"CUBLAS_STATUS_(?:NOT_INITIALIZED|NOT_SUPPORTED|INTERNAL_ERROR|EXECUTION_FAILED|INVALID_VALUE"
        r"|ARCH_MISMATCH)|CUDNN_STATUS_\w+|CUSOLVER_STATUS",
        cause="a library of CUDA failed: mostly for want of memory on the card, else a library of another "
        "build",
        remedy="lower {section}.flags.gpu_memory_utilization by 0.05; where that does not help another image",
        weight=2,
    ),
    Rule(
        "kernel that ran too long",
        says=r"launch timed out and was terminated|cudaErrorLaunchTimeout",
        cause="a kernel ran longer than the card allows: a display hangs on it, or it hangs",
        remedy="take a card without a display; see gpu.xid (Xid 8)",
        weight=3,
    ),
    Rule(
        "ended from outside",
        says=r"KeyboardInterrupt: terminated|SystemExit: (?:15|143)|[Rr]eceived signal (?:15|SIGTERM)"
        r"|Shutting down FastAPI HTTP server",
        cause="somebody or something ended it by SIGTERM: a stop, an update, or a watcher that counts it "
        "as unhealthy",
        remedy="`docker events` names who; raise {section}.health.start_period where it was still loading",
        weight=1,
        status=Status.WARN,
    ),
)


@check(
    "vllm.crash",
    "A model server runs without faults on its card",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_crash(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Tell a bug of a kernel from a fault of the card when a server dies at work.

    `illegal memory access` is reported late, so the line of Python in its traceback is a bystander. With Xid 13,
    31 or 43 it is software: switch the attention or MoE backend. With Xid 48, 63, 64, 74, 79, 94 or 95 it is the
    card. Neither is cured by lowering memory flags. The exit code may be 0: the outer process ends in good order
    after its engine died.
    """
    return read(RULES, plan, seen)
