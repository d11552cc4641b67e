"""`down` and `restart`: what stops services, and never deletes data without a named consent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.routines.settle import settle

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.probes.containers import Containers
    from toolkit.routines.acting import Acts
    from toolkit.routines.progress import Progress

_RESTART_BUDGET_S = 1800.0


def refuse_without_consent(project: str, *, volumes: bool, named: str | None) -> None:
    """Raise UsageError unless deleting volumes was consented to by the project's own name."""
    if volumes and named != project:
        raise UsageError(
            Problem(
                where="--volumes",
                what=f"this deletes all data of {project}: its volumes and everything in them",
                got=f"--yes-delete {named}" if named else "no consent",
                next_step=f"if you mean it: toolkit down --volumes --yes-delete {project}",
            )
        )
    if named is not None and not volumes:
        raise UsageError(Problem("--yes-delete", "it consents to --volumes, which was not given"))


@dataclass(frozen=True, slots=True)
class Teardown:
    """The sequence over one project's engine; the caller holds the environment's lock."""

    project: str
    engine: ComposeEngine
    containers: Containers
    acts: Acts
    progress: Progress

    def down(self, *, volumes: bool) -> tuple[str, ...]:
        """Remove containers and networks, with `volumes` the data; return the services that were there."""
        there = self.containers.of_project(self.project)
        if there or volumes:
            self.engine.down(volumes=volumes, on_line=self.progress.line)
        return tuple(fact.service for fact in there)

    def restart(self, services: Collection[str]) -> dict[str, str]:
        """Restart `services` (all without any), wait until they are healthy, return their states.

        Raises ServiceFailedError with the evidence of one that does not come back.
        """
        names = tuple(services) or tuple(fact.service for fact in self.containers.of_project(self.project))
        if not names:
            raise UsageError(Problem(self.project, "nothing is there to restart", next_step="toolkit up"))
        with self.progress.phase("restart"):
            self.engine.restart(names, on_line=self.progress.line)
            outcome = settle(
                lambda wanted: self.acts.wait(wanted, _RESTART_BUDGET_S),
                self.containers,
                names,
                _RESTART_BUDGET_S,
            )
        return {fact.service: fact.health or fact.state for fact in outcome.facts if fact.service in names}
