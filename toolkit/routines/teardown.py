"""`down`, `stop` and `restart`: what stops services, and never deletes data without a named consent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem, UsageError
from toolkit.routines.blockers import foreign_problems

if TYPE_CHECKING:
    from pathlib import Path

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


def present(containers: Containers, project: str, services: Collection[str], to: str) -> tuple[str, ...]:
    """Return `services`, all that have a container without any; `to` is the verb that needs one.

    Raises UsageError where one of them, or all of the project, has none; EngineError when no engine answers.
    """
    there = tuple(fact.service for fact in containers.of_project(project))
    absent = [name for name in services if name not in there]
    if absent or not there:
        where = ", ".join(absent) or project
        raise UsageError(Problem(where, f"nothing is there to {to}", next_step="toolkit up"))
    return tuple(services) or there


@dataclass(frozen=True, slots=True)
class Teardown:
    """The sequence over one project's engine; the caller holds the environment's lock."""

    project: str
    bundle_dir: Path
    engine: ComposeEngine
    containers: Containers
    acts: Acts
    progress: Progress
    ensure_published: Callable[[], None]

    def down(self, *, volumes: bool) -> tuple[str, ...]:
        """Remove containers and networks, with `volumes` the data; return the services that were there.

        Raises BlockedError where they were made from another directory.
        """
        there = self.containers.of_project(self.project)
        if foreign := foreign_problems(there, self.bundle_dir):
            raise BlockedError(*foreign)
        if there or volumes:
            self.ensure_published()
            self.engine.down(volumes=volumes, on_line=self.progress.line)
        return tuple(fact.service for fact in there)

    def stop(self, services: Collection[str]) -> tuple[str, ...]:
        """Stop `services`, each with its own grace; their containers stay, and so does what they wrote.

        Raises UsageError where one of them is not there, BlockedError where it was made from another directory.
        """
        there = self.containers.of_project(self.project)
        if foreign := foreign_problems(there, self.bundle_dir):
            raise BlockedError(*foreign)
        names = present(self.containers, self.project, services, "stop")
        self.ensure_published()
        with self.progress.phase("stop"):
            self.engine.stop(names, on_line=self.progress.line)
        return names

    def restart(self, services: Collection[str]) -> dict[str, str]:
        """Restart `services` (all that run without any), wait until they are healthy, return their states.

        Raises UsageError where there is nothing to restart, ServiceFailedError with the evidence of a service
        that does not come back.
        """
        names = present(self.containers, self.project, services, "restart")
        if not services:
            there = self.containers.of_project(self.project)
            names = tuple(dict.fromkeys(fact.service for fact in there if fact.state == "running"))
        self.ensure_published()
        with self.progress.phase("restart"):
            self.engine.restart(names, on_line=self.progress.line)
            outcome = self.acts.settle(dict.fromkeys(names, _RESTART_BUDGET_S), {})
        return {fact.service: fact.health or fact.state for fact in outcome.facts if fact.service in names}
