"""Does every container run?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Scene
from toolkit.diagnosis.accounts import there
from toolkit.diagnosis.lines import first_error
from toolkit.diagnosis.reading import shortened
from toolkit.diagnosis.scene import scene_of
from toolkit.findings import Confidence, Finding, Status

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_ENDED = frozenset({"exited", "dead", "restarting"})
_LOOP = 3
_LAST_LINES = 3


@check(
    "container.down",
    "Every container runs",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=("endpoint.*", "edge.*", "alert.*", "=release.*"),
)
def container_down(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which containers ended, restart or are unhealthy, with the first error of their innermost process.

    It is a symptom: where another check knows the cause, this stands under it. Where none does, the first error
    of the innermost process is the best lead; wrappers such as `Engine core initialization failed` and `Aborting`
    are left out, as they only follow. Exit code 0 can be a crash: a model server whose engine died ends in good
    order.
    """
    scene = scene_of(plan, seen)
    for container in there(seen.containers):
        what = _what(container, plan)
        if what:
            yield _finding(container, what, scene)


def _what(container: ContainerFact, plan: Plan) -> str:
    service = plan.service(container.service)
    if container.state == "running":
        return "runs, but its health check fails" if container.health == "unhealthy" else ""
    if container.state == "created":
        return "was created and never started" if container.error else ""
    if container.state not in _ENDED or (service and service.on_demand and not container.exit_code):
        return ""
    again = f", {container.restart_count} restarts" if container.restart_count else ""
    loop = "; it ends over and over" if container.restart_count >= _LOOP else ""
    return f"ended with exit code {container.exit_code}{again}{loop}"


def _finding(container: ContainerFact, what: str, scene: Scene) -> Finding:
    own = next((one for one in scene.accounts if one.subject == container.service), None)
    lines = own.lines if own else ()
    lead = first_error(lines)
    calm = container.state == "exited" and not container.exit_code and lead is None
    return Finding(
        subject=container.service,
        status=Status.WARN if calm else Status.FAIL,
        observed=what,
        expected="running and healthy",
        cause=shortened(lead.text) if lead else "somebody stopped it" if calm else "",
        remedy=f"`toolkit start {container.service}`"
        if calm
        else f"`toolkit logs {container.service}` shows all of it; the first error of the innermost process decides",
        evidence=(lead.text,) if lead else tuple(line.text for line in lines[-_LAST_LINES:]),
        confidence=Confidence.POSSIBLE,
    )
