"""Are the models there that come from a directory?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "models.files",
    "Models that come from a directory are there",
    needs={Need.MODELS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def models_files(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where the directory of a model, or of an adapter, with `source: dir:PATH` is not on this machine."""
    del plan
    for files in known(seen.models):
        if files.exists:
            yield Finding(files.service, Status.PASS, f"is at {files.path}")
            continue
        yield Finding(
            subject=files.service,
            status=Status.FAIL,
            observed="the directory of its model, or of an adapter, is not there",
            cause=files.path,
            remedy="correct `source: dir:…` (of the model, or in lora_modules), or put the files there",
        )
