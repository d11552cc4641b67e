"""Do all parts of the server answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_WAITS = (
    r"No available shared memory broadcast block found|shm_broadcast.*(?:timed out|timeout)"
    r"|RPC call to \w+ timed out"
)


def _starting(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"Application startup complete|Uvicorn running"):
        yield against("the server had finished its start")
    else:
        yield speaks_for("the server has not finished its start: weights are loaded or compiled")


def _fault(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for line in list(scene.kernel(r"Xid"))[:1]:
        yield speaks_for(f"the kernel wrote: {line.text}", 2)
    nccl = scene.told(hit.subject, r"NCCL.*(?:timeout|error)|Watchdog caught.*")
    if nccl:
        yield speaks_for(f"a rank failed: {nccl[0]}", 2)


RULES = (
    Rule(
        "worker that is busy loading or compiling",
        says=_WAITS,
        cause="a worker has not answered for a minute as it still loads weights or compiles: the line is a "
        "notice, not an error",
        remedy="wait; raise {section}.health.start_period if it is killed meanwhile; do not raise shm_size",
        weight=1,
        facts=_starting,
        status=Status.WARN,
        lasting=True,
        rejects=(
            "/dev/shm is too small: the line names shared memory, but only says that a worker has not "
            "answered",
        ),
    ),
    Rule(
        "worker that hangs",
        says=_WAITS,
        cause="a worker is hung or dead (a hanging NCCL exchange, a card with a fault), and the others "
        "wait for it",
        remedy="find the silent rank: its last lines, NCCL and Xid in the kernel's log; restart the service; "
        "do not raise shm_size",
        weight=1,
        facts=_fault,
        rejects=(
            "/dev/shm is too small: the line names shared memory, but only says that a worker has not "
            "answered",
        ),
    ),
    Rule(
        "step of the engine that never came back",
        says=r"Engine iteration timed out|[Ee]ngine (?:step|loop).{0,20}timed out|execute_model timed out",
        cause="a step of the engine hangs: a rank or a kernel does not come back (NCCL between the cards, a card "
        "with a fault, or more load than it can take at once)",
        remedy="look at the kernel's log for Xid and at NCCL lines first; without them set "
        "{section}.flags.disable_custom_all_reduce, lower max_num_seqs, update the image; restart the "
        "service",
        weight=3,
        facts=_fault,
    ),
    Rule(
        "process of the engine that died at its start",
        says=r"RPCServer process died before responding|Engine process .{0,20}died|Worker .{0,20}died "
        r"unexpectedly",
        cause="the engine's process ended while it started, without a word of its own: killed (memory), or crashed "
        "in native code",
        remedy="look at container.memory and the kernel's log; the first lines of that process name more with "
        "VLLM_LOGGING_LEVEL=DEBUG",
        weight=1,
    ),
    Rule(
        "socket path that is too long",
        says=r"ipc path .* is longer than \d+ characters|AF_UNIX path too long",
        cause="the directory for the server's sockets has too long a name (over 107 characters)",
        remedy="set VLLM_RPC_BASE_PATH (or TMPDIR) in {section}.environment to a short path, /tmp",
        weight=4,
    ),
    Rule(
        "engine not ready in time",
        says=r"Timed out waiting for (?:engine|\d+ )|Did not receive response from front-end"
        r"|waiting for \d+ core engine proc"
        r"|TimeoutError: Timed out after \d+ seconds waiting for clients|EngineCore.*(?:did not"
        r"|not) (?:start|respond)|client socket has timed out",
        cause="parts of the server waited for each other longer than they may: one of them still loads or "
        "compiles, or cannot be reached",
        remedy="look at the last lines of the part that is silent; raise VLLM_ENGINE_READY_TIMEOUT_S and "
        "{section}.health.start_period where it merely loads long",
        weight=2,
    ),
)


@check(
    "vllm.stalled", "All parts of a model server answer", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE}
)
def vllm_stalled(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Read the notice that no broadcast block is free: a worker does not answer.

    It names shared memory, and people raise shm_size for it in vain. During the start it is a wait (weights,
    compilation). Later a rank hangs or is dead: the kernel's log and NCCL's lines tell which. Likely, hardly ever
    certain.
    """
    return read(RULES, plan, seen)
