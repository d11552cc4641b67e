"""The probes that try things: what smoke-test does with the stack of one host."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toolkit.checking import Suite
from toolkit.cli.looking import examine
from toolkit.engine.argv import execute
from toolkit.engine.edge import EdgeAdmin
from toolkit.engine.store_trials import StoreTrials
from toolkit.errors import BlockedError, EngineError, Problem
from toolkit.probes.http import Endpoint
from toolkit.routines.prepare import OWN_KEY
from toolkit.routines.prove import edge_url
from toolkit.routines.smoke import BUDGET_S, Smoke
from toolkit.routines.smoke_api import ApiTrials
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.cli.wiring import Project
    from toolkit.clock import Deadline
    from toolkit.facts import TrialFact
    from toolkit.report import Report

_UP = "http://127.0.0.1:9090/api/v1/query?query=up"
_NOBODY = "sk-nobody-has-this-key"


def smoke_test(part: Project) -> Report:
    """Return what comes of trying everything that a user can do with this host of the stack."""
    return examine(part, Suite.SMOKE, more={Need.TRIALS: partial(try_stack, part)}, budget_s=BUDGET_S)


def try_stack(part: Project, deadline: Deadline) -> tuple[TrialFact, ...]:
    """Return the facts of all trials."""
    plan = part.plan
    stores = StoreTrials(
        part.runner,
        plan.project,
        partial(secret, part.state.secrets / "redis-app-password"),
        plan.indexes.vectors,
    )
    edge = EdgeAdmin(part.runner, part.engine.container("edge"))
    return Smoke(plan, _api(part), edge, stores, partial(_scrape, part)).run(deadline)


def _api(part: Project) -> ApiTrials | None:
    url = url_of(part)
    if not url:
        return None
    key, trust = own_key(part), part.edge_trust
    admitted, keyless, stranger = (Endpoint(url, known, trust=trust) for known in (key, "", _NOBODY))
    return ApiTrials(url, key, admitted, keyless, stranger, trust)


def url_of(part: Project) -> str:
    """Return where the edge of this host is reached from here, "" where it is not."""
    service = part.plan.service("edge")
    return edge_url(service, part.plan.hosts[0]) if service is not None else ""


def own_key(part: Project) -> str:
    """Return the toolkit's own key. Raises BlockedError where it cannot be read."""
    return secret(part.state.keys / f"{OWN_KEY}.key")


def secret(file: Path) -> str:
    """Return what a file of the state holds. Raises BlockedError where it cannot be read."""
    try:
        return file.read_text(encoding="ascii")
    except OSError as error:
        step = "bring the stack up first: toolkit up; and run as root, or as the user who did"
        raise BlockedError(Problem(str(file), "this secret cannot be read", str(error), step)) from error


def _scrape(part: Project, deadline: Deadline) -> str:
    call = execute(part.engine.container("prometheus"), ("wget", "-q", "-T", "5", "-O", "-", _UP))
    done = part.runner.run(call, deadline=deadline)
    if done.returncode != 0:
        step = "see what it says: toolkit logs prometheus"
        raise EngineError(Problem("prometheus", "does not answer", done.stderr.strip(), step))
    return done.stdout
