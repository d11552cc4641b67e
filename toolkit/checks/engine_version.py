"""Are engine and Compose new enough, for us and for what was rendered?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known
from toolkit.versions import (
    OLDEST_COMPOSE,
    OLDEST_ENGINE,
    START_INTERVAL_SINCE,
    Version,
    version_of,
    version_text,
)

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_MAKE_UP = ", or run `make up`, which does so on Debian"


@check(
    "engine.version",
    "Docker Engine and Compose are new enough",
    needs={Need.ENGINE},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def engine_version(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail for an engine or a Compose that is too old for the toolkit, or older than the profile says it is."""
    found = known(seen.engine)
    yield _at_least("Docker Engine", found.version, OLDEST_ENGINE, "")
    # `make up` brings a newer Compose; an engine that is there it leaves as it is.
    yield _at_least("Docker Compose", found.compose, OLDEST_COMPOSE, _MAKE_UP)
    wanted = any(service.health.start_interval_s is not None for service in plan.services)
    if wanted and (version_of(found.version) or ()) < START_INTERVAL_SINCE:
        yield Finding(
            subject="toolkit.yaml: engine.version",
            status=Status.FAIL,
            observed="the profile was written for a newer engine",
            cause=f"this engine is {found.version}",
            remedy="correct engine.version, or run `toolkit init --force`",
        )


def _at_least(name: str, text: str, oldest: Version, otherwise: str) -> Finding:
    version = version_of(text)
    least = f"{version_text(oldest)} or newer"
    if version is not None and version >= oldest:
        return Finding(name, Status.PASS, text, least)
    remedy = f"install {name} {least}{otherwise}"
    return Finding(name, Status.FAIL, f"too old: {text}", f"{least}", remedy=remedy)
