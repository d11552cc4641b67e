"""What lies ahead of a deploy: what has to be done to what runs, and what refuses it; nothing is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError
from toolkit.planning.reconcile import Action, reconcile
from toolkit.planning.stages import concerned
from toolkit.render.bundle import HASH_LABEL
from toolkit.render.remembered import wanted_of
from toolkit.routines.blockers import (
    card_problems,
    copy_problems,
    edge_problems,
    foreign_problems,
    secret_problems,
)
from toolkit.routines.preflight import blockers
from toolkit.routines.prepare import missing_sources
from toolkit.state.secrets import existing
from toolkit.state.tls import tls_problems
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from toolkit.errors import Problem
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.probes.containers import Containers
    from toolkit.render.bundle import Bundle
    from toolkit.report import Report
    from toolkit.routines.phases import Phases
    from toolkit.state.directory import StateDirectory

# Actions after which a service runs that did not before.
_STARTING = frozenset({"create", "start"})


@dataclass(frozen=True, slots=True)
class Due:
    """What runs, what has to be done to it, and what stands in the way whether anything has to be or not."""

    seen: tuple[ContainerFact, ...]
    actions: tuple[Action, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Ahead:
    """The look at what runs beside what shall run, over doors that the composition root opens."""

    plan: Plan
    bundle: Bundle
    build_dir: Path
    state: StateDirectory
    containers: Containers
    edge_url: str | None
    """Where the edge of this host is asked, empty where it cannot be; None where it has none."""
    preflight: Callable[[Collection[str]], Report] | None
    """What stands in the way of services by name; None where nobody shall look."""
    made_here: frozenset[str]
    """What secrets of this host may be copies of, without that anybody brings a file: it comes into being here."""
    phases: Phases

    def check(self) -> None:
        """Raise BlockedError with all that stands in the way, EngineError where the engine is away."""
        self.refuse(self.look())

    def look(self, named: Collection[str] = ()) -> Due:
        """Compare what runs with what shall run, of services `named` or of all; find what stands in the way."""
        seen = self.containers.of_project(self.plan.project)
        problems = foreign_problems(seen, self.build_dir) or self._lost_secrets()
        problems += copy_problems(self.plan, missing_sources(self.state, self.plan, self.made_here))
        problems += () if self.edge_url is None else edge_problems(self.plan, self.edge_url)
        problems += tls_problems(self.state, self.plan.tls)
        actions = self.actions(seen, named)
        starting = {action.service for action in actions if action.kind in _STARTING}
        running = {fact.service for fact in seen if fact.state == "running"}
        return Due(seen, actions, problems + card_problems(self.plan, starting, running))

    def actions(self, seen: tuple[ContainerFact, ...], named: Collection[str] = ()) -> tuple[Action, ...]:
        """Return what has to be done to the containers `seen`.

        With services `named` only what those need to run, on demand or not.
        """
        ids = self.containers.image_ids(service.image for service in self.plan.services)
        wanted = wanted_of(self.plan, self.bundle)
        if named:
            wanted = tuple(replace(one, on_demand=False) for one in wanted if one.service in named)
            seen = tuple(fact for fact in seen if fact.service in named)
        return reconcile(wanted, seen, {ref: i for ref, i in ids.items() if i}, HASH_LABEL)

    def refuse(self, due: Due) -> None:
        """Raise BlockedError where something stands in the way of `due`.

        A preflight is made only where something has to be done, and once.
        """
        problems = due.problems
        if due.actions and self.preflight is not None:
            planned = [service.name for service in concerned(self.plan, due.actions)]
            with self.phases.phase("preflight"):
                problems += blockers(self.preflight(planned), self.phases.progress.note)
            # Where all hosts were looked at before one is touched, it has been made.
            self.preflight = None
        if problems:
            raise BlockedError(*problems)

    def _lost_secrets(self) -> tuple[Problem, ...]:
        """Secrets that are gone while their volume is not: also a stack that runs would fail at its next start."""
        names = [secret.name for secret in self.plan.secrets]
        present = existing(self.state.secrets, names)
        if len(present) == len(names):
            return ()
        return secret_problems(self.plan, present, self.containers.volume_names(self.plan.project))
