"""Waiting until services are healthy, and what is shown of one that fails."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import Problem, ServiceFailedError
from toolkit.facts import ContainerFact, Failure, Outcome

if TYPE_CHECKING:
    from toolkit.probes.containers import Containers

_LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a failed service left: it is read before anything could remove it."""

    fact: ContainerFact
    why: str
    log: tuple[str, ...]
    health_log: tuple[str, ...]

    def problem(self) -> Problem:
        """Return the message: why, exit code and memory kill, the last lines, where to look next."""
        fact = self.fact
        state = f"state {fact.state}, exit code {fact.exit_code}, OOM-killed {_yes(fact.oom_killed)}"
        said = [f"{fact.restart_count} restarts"] if fact.restart_count else []
        health = [f"health check: {line}" for line in self.health_log]
        got = "\n".join([", ".join([state, *said]), *health, "last lines:", *(self.log or ("(none)",))])
        return Problem(
            self.fact.service, self.why, got, f"look at all of it: toolkit logs {self.fact.service}"
        )


def gather(containers: Containers, failure: Failure) -> Evidence:
    """Return the evidence of one failure."""
    identity = failure.fact.container_id
    return Evidence(
        failure.fact,
        failure.why,
        containers.log_tail(identity, _LINES_SHOWN),
        containers.health_log_tail(identity, 3) if failure.fact.health == "unhealthy" else (),
    )


def settle(
    wait: Callable[[Collection[str]], Outcome],
    containers: Containers,
    services: Collection[str],
    budget_s: float,
) -> Outcome:
    """Wait for `services`; raise ServiceFailedError with the evidence of each that failed or is late."""
    outcome = wait(services)
    known = {fact.service: fact for fact in outcome.facts}
    failed = {failure.fact.service for failure in outcome.failures}
    late = [
        Failure(known[name], f"is not healthy after {budget_s:.0f} s")
        for name in outcome.pending
        if name in known and not failed
    ]
    absent = [Problem(name, "its container never appeared") for name in outcome.pending if name not in known]
    problems = [gather(containers, failure).problem() for failure in (*outcome.failures, *late)]
    if problems or (absent and not failed):
        raise ServiceFailedError(*problems, *absent)
    return outcome


def _yes(value: bool) -> str:
    return "yes" if value else "no"
