"""Waiting until services are healthy, and what is shown of one that fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    wait: Callable[[Collection[str], float], Outcome], containers: Containers, budgets_s: Mapping[str, float]
) -> Outcome:
    """Wait for the services of `budgets_s`, each for so many seconds at most, counted from now.

    `wait` takes the services and when to come back at the latest, in seconds from its first call. Raises
    ServiceFailedError with the evidence of each service that failed or is late.
    """
    outcome = Outcome((), (), ())
    for limit_s in sorted(set(budgets_s.values())):
        outcome = wait(tuple(budgets_s), limit_s)
        late = [name for name in outcome.pending if budgets_s[name] <= limit_s]
        if outcome.ok or outcome.failures or late:
            return _settled(outcome, containers, {name: budgets_s[name] for name in late})
    return outcome


def _settled(outcome: Outcome, containers: Containers, late_s: Mapping[str, float]) -> Outcome:
    """Return what went well; raise ServiceFailedError for anything else."""
    known = {fact.service: fact for fact in outcome.facts}
    late = [
        Failure(known[name], f"is not healthy after {budget_s:.0f} s")
        for name, budget_s in late_s.items()
        if name in known and not outcome.failures
    ]
    absent = [Problem(name, "its container never appeared") for name in late_s if name not in known]
    problems = [gather(containers, failure).problem() for failure in (*outcome.failures, *late)]
    if problems or (absent and not outcome.failures):
        raise ServiceFailedError(*problems, *absent)
    return outcome


def _yes(value: bool) -> str:
    return "yes" if value else "no"
