"""Do the cards of one server reach each other?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Change, Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_NCCL = (
    r"NCCL[_ ](?:ERROR|error|Error \d)|ncclSystemError|ncclUnhandledCudaError|ncclInternalError"
    r"|ncclRemoteError"
    r"|unhandled (?:system|cuda) error"
    r"|ProcessGroupNCCL|NCCL WARN"
)


def _small_shm(hit: Hit, scene: Scene) -> Iterator[Signal]:
    named = scene.told(hit.subject, r"/dev/shm/nccl|shared memory segment|ncclShm|shmget|shm_open")
    if named:
        yield speaks_for(f"the lines beside it name shared memory: {named[0]}", 3)
    size = scene.shm_mib(hit.subject)
    if size is not None and size <= 64:
        yield speaks_for(f"/dev/shm is {size} MiB, the engine's default")


def _buffer(hit: Hit, scene: Scene) -> Iterator[Signal]:
    size = scene.env(hit.subject, "NCCL_BUFFSIZE") or scene.told(hit.subject, r"NCCL_BUFFSIZE\D{1,9}\d{6,}")
    if size:
        yield speaks_for("NCCL_BUFFSIZE is set", 3)
    if scene.told(hit.subject, r"ibv_reg_\w*mr.*Cannot allocate memory"):
        yield speaks_for("registering its buffers failed for want of memory", 2)


def _xid(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    yield from (speaks_for(f"the kernel wrote: {line.text}", 3) for line in list(scene.kernel(r"Xid"))[:1])


RULES = (
    Rule(
        "/dev/shm too small",
        says=_NCCL + r"|/dev/shm/nccl|ncclShmOpen",
        cause="NCCL exchanges data between the cards through /dev/shm, and that of the container is too "
        "small (64 MiB by default)",
        remedy="raise {section}.shm_size to 10GiB",
        weight=0,
        facts=_small_shm,
        changes=lambda hit, scene: [Change(f"{scene.section(hit.subject)}.shm_size", "10GiB")],
        rejects=(
            "the disk is full: the path is /dev/shm, which is memory",
            "the network: all cards are in one machine",
        ),
    ),
    Rule(
        "NCCL_BUFFSIZE far too large",
        says=_NCCL + r"|NCCL_BUFFSIZE|ibv_reg_\w*mr",
        cause="a leftover NCCL_BUFFSIZE makes NCCL ask for buffers that cannot be had",
        remedy="unset NCCL_BUFFSIZE: take it out of {section}.environment (or lower it to 4194304)",
        weight=0,
        facts=_buffer,
        rejects=("the version of the image: the same one runs without the variable",),
    ),
    Rule(
        "fault of a card",
        says=_NCCL + r"|collective operation timeout|[Ww]atchdog caught",
        cause="a card failed, and NCCL only noticed that the other side is gone",
        remedy="look at the card first, by its earliest Xid in the kernel's log",
        weight=0,
        facts=_xid,
    ),
    Rule(
        "cards that may not read each other's memory",
        says=r"peer access|P2P(?! capability or| test failed\. To silence).{0,60}(?:fail|error|not supported"
        r"|disabled)"
        r"|CUDA_ERROR_PEER_ACCESS|custom[_ ]all[_ -]?reduce.{0,80}(?:error|fail|invalid)|cudaIpc\w+"
        r"|invalid resource handle|IOMMU",
        cause="the cards cannot reach each other's memory directly (P2P: no NVLink, IOMMU or ACS on, or a "
        "virtual machine)",
        remedy="set NCCL_P2P_DISABLE to 1 in {section}.environment, and --disable-custom-all-reduce; turn the "
        "IOMMU or ACS off on the host",
        weight=2,
    ),
    Rule(
        "memory that cannot be shared between ranks",
        says=r"custom_all_reduce\.cuh:\d+ '?invalid argument|expandable_segments.{0,80}(?:IPC|all.?reduce)",
        cause="expandable_segments in PYTORCH_CUDA_ALLOC_CONF allots memory that no other process can open (CUDA "
        "IPC), and the all-reduce of vLLM's own needs that",
        remedy="take expandable_segments out of {section}.environment (PYTORCH_CUDA_ALLOC_CONF), or give "
        "--disable-custom-all-reduce",
        weight=3,
        rejects=("the cards' way to each other: the memory itself cannot be shared",),
    ),
    Rule(
        "one card for two ranks",
        says=r"Duplicate GPU detected ?: rank (?P<a>\d+) and rank (?P<b>\d+)",
        cause="two processes of the server (ranks {a} and {b}) were given the same card: fewer cards are visible "
        "than tensor_parallel_size wants",
        remedy="give {section}.gpus as many cards, take CUDA_VISIBLE_DEVICES out of its environment, or lower "
        "tensor_parallel_size",
        weight=4,
        rejects=("NCCL or the network: the same card cannot be two ranks",),
    ),
    Rule(
        "interface that NCCL or Gloo cannot find",
        says=r"no socket interface found|Bootstrap : no socket|Gloo connectFullMesh failed"
        r"|gloo/transport/tcp/pair|NCCL WARN .{0,40}(?:socket\w*Connect|Connect to \S+) .{0,20}fail|\[c10d\] "
        r".*gai error"
        r"|NCCL_SOCKET_IFNAME|GLOO_SOCKET_IFNAME|unable to resolve hostname.*gloo",
        cause="the processes of one server do not find the network interface to meet on",
        remedy="set NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME in {section}.environment to eth0, or "
        "take wrong ones out",
        weight=3,
    ),
    Rule(
        "rank that does not answer",
        says=r"collective operation timeout|[Ww]atchdog caught|NCCL.*(?:timed out|timeout)|DistStoreError"
        r"|TCPStore.*(?:timed? ?out|recvValue failed)|Connection closed by peer \[",
        cause="one of the processes of this server died or hangs, and the others waited for it in vain",
        remedy="find the rank that is silent first: its own error is further up, or its card shows in the "
        "kernel's log",
        weight=2,
        rejects=("the timeout is too short: a rank that is dead answers in no time",),
    ),
    Rule(
        "memory for NCCL",
        says=r"NCCL.{0,60}(?:Cuda failure|CUDA error).{0,10}out of memory",
        cause="NCCL's own buffers (some 100 MiB for each group of cards) do not fit beside what vLLM takes "
        "of the card",
        remedy="lower {section}.flags.gpu_memory_utilization by 0.05",
        weight=3,
        rejects=("/dev/shm or P2P: the card is full",),
    ),
    Rule(
        "NCCL cannot use card or system",
        says=_NCCL,
        cause="NCCL could not set up the exchange between the cards; its own reason is one line earlier "
        "with NCCL_DEBUG",
        remedy="set NCCL_DEBUG: INFO in {section}.environment, start it again and read the first NCCL WARN; "
        "mostly /dev/shm (raise shm_size) or P2P (NCCL_P2P_DISABLE=1)",
        weight=1,
    ),
)


@check(
    "vllm.cards-together",
    "The cards of one server reach each other",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_cards_together(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why the processes of one model server cannot exchange data between their cards.

    `unhandled system error` of NCCL is a wrapper: what decides stands beside it. Shared memory named, or /dev/shm
    at the engine's 64 MiB: raise shm_size. A leftover NCCL_BUFFSIZE: take it out. P2P: switch it off. An Xid in
    the kernel's log is older than all of these: then it is the card. `No space left on device` here is never a
    disk.
    """
    return read(RULES, plan, seen)
