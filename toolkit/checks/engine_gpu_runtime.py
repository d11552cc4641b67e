"""Can the engine give cards to containers?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_REMEDY = "install the NVIDIA Container Toolkit and restart the engine, or use `hardware: cpu`"


@check(
    "engine.gpu-runtime",
    "The engine gives cards to containers",
    needs={Need.ENGINE, Need.GPU_TRIALS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def engine_gpu_runtime(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the engine refused to hand a planned card to a container, in its own words.

    Before there is an image to try it in, its list of runtimes has to do: that one lacks `nvidia` also where a hook
    gives the cards, so it only warns.
    """
    del plan
    listed = "nvidia" in known(seen.engine).runtimes
    for trial in known(seen.gpu_trials):
        if trial.refusal is not None:
            status = Status.FAIL if trial.refusal else Status.PASS
            observed = "the engine refuses it" if trial.refusal else "a container got it"
        else:
            status = Status.PASS if listed else Status.WARN
            observed = (
                "the engine lists the runtime nvidia" if listed else "the engine lists no runtime nvidia"
            )
        yield Finding(
            subject=f"card {trial.device_id}",
            status=status,
            observed=observed,
            expected="a container gets it",
            cause=trial.refusal or "",
            remedy="" if status is Status.PASS else _REMEDY,
        )
