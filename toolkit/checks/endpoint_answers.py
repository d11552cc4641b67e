"""Does every endpoint answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "endpoint.answers",
    "Every endpoint answers",
    needs={Need.ENDPOINTS, Need.CONTAINERS},
    suites={Suite.DIAGNOSE},
    explains=("edge.*", "alert.*"),
)
def endpoint_answers(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a path of a running service gives no answer, or one that is no success.

    While a model is still loading that is expected: then it is told, and nothing more.
    """
    loading = {fact.service for fact in known(seen.containers) if fact.health == "starting"}
    for one in known(seen.endpoints):
        if plan.service(one.service) is None:
            continue
        starts = one.service in loading
        good = one.answers
        status = Status.PASS if good else Status.SKIP if starts else Status.FAIL
        yield Finding(
            subject=one.service,
            status=status,
            observed=f"{one.path}: {one.status} in {one.elapsed_s:.2f} s"
            if one.status
            else f"{one.path}: no answer within {one.elapsed_s:.1f} s",
            expected="" if good else "2xx",
            cause="" if good else "it is still loading" if starts else one.refusal,
            remedy="" if status is not Status.FAIL else f"toolkit logs {one.service} --tail 50",
            evidence=(one.answer,) if one.answer and not good else (),
        )
