"""Has the server memory enough outside of its card?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _killed(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.killed_for_memory(hit.subject):
        yield speaks_for("engine or kernel killed it for memory", 2)


RULES = (
    Rule(
        "share of the container's memory",
        says=r"Available memory on node (?P<node>\d+)|less than desired CPU memory utilization"
        r"|Not enough allocation memory.*CPU|Not enough memory.*VLLM_CPU_KVCACHE_SPACE",
        cause="on a CPU the utilization is a share of the container's limit, and it is really allocated: "
        "what is left of the limit is less than that",
        remedy="size the cache instead: {section}.flags.kv_cache_memory_bytes (64MiB serves a small "
        "model), or raise {section}.memory",
        weight=3,
    ),
    Rule(
        "memory of host or container used up",
        says=r"DefaultCPUAllocator: (?:can't|not enough|cannot).*memory|std::bad_alloc"
        r"|^(?:\([^)]*\) )?MemoryError\b|Cannot allocate memory|unable to mmap \d+ bytes|cudaHostAlloc"
        r"|pinned memory|cannot pin|CUDA_ERROR_HOST_MEMORY",
        cause="memory of the host (or the limit of the container) is used up while weights are read or pinned",
        remedy="raise {section}.memory to the weights' size and 2 GiB more; the card's flags do not "
        "matter here",
        weight=1,
        facts=_killed,
        services=r"llm|embed|train",
        rejects=("GPU memory: the allocation failed on the host",),
    ),
    Rule(
        "swap space larger than memory",
        says=r"[Tt]oo large swap space|swap_space.*(?:larger|exceeds)|CPU offload.*(?:exceeds|not enough)",
        cause="swap space or offload of the server is more than the host's memory",
        remedy="lower or leave out --swap-space and --cpu-offload-gb",
        weight=3,
    ),
    Rule(
        "memory that may not be locked",
        says=r"error setting rlimit type 8|Unable to mlock|RLIMIT_MEMLOCK|ibv_\w+.*memlock",
        cause="the process may not lock memory: the ulimit memlock is too low, or the machine does not "
        "allow it",
        remedy="ulimits memlock -1 where the machine allows it, else leave that limit out",
        weight=2,
    ),
)


@check(
    "vllm.host-memory",
    "A model server has memory enough on its host",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_host_memory(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a model server ran out of memory outside of its card.

    Weights pass through the host's memory, and on a CPU they stay there: the container's limit has to hold them.
    Flags of GPU memory do not matter for it. On a CPU the utilization is a share of the limit and is really
    allocated: size the cache by kv_cache_memory_bytes instead.
    """
    return read(RULES, plan, seen)
