"""One host and the containers that run on it now: looked at once for all probes that need them."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from toolkit.engine.tellings import Tellings
from toolkit.probes.container_detail import with_sources
from toolkit.probes.containers import Containers
from toolkit.probes.once import Once
from toolkit.probes.side_by_side import side_by_side
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.cli.place import Place
    from toolkit.clock import Deadline
    from toolkit.engine.tellings import ModelAnswers
    from toolkit.facts import ContainerFact

# Another program gets less than the whole: its own words are worth more than "too late".
_PROGRAM_SHARE = 0.8


def for_program(deadline: Deadline) -> Deadline:
    """Return the deadline of another program that is asked before ours."""
    return deadline.within(_PROGRAM_SHARE * deadline.remaining_s())


class RunningNow:
    """A place, what runs there, and what its model servers answered."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tellings = Tellings(place.runner, place.plan.project)
        self.containers = Once(self._containers)
        self.redactor = Once(place.redactor)
        self._first = threading.Lock()
        self._models: Once[Mapping[str, ModelAnswers | Exception]] | None = None

    def runs(self, service: str) -> bool:
        """Return whether a container of the service runs and is not paused. Raises EngineError."""
        return any(fact.service == service and fact.state == "running" for fact in self.containers())

    def models(self, deadline: Deadline) -> Mapping[str, ModelAnswers | Exception]:
        """Return what each running model server of this host answered, each asked once, all side by side."""
        with self._first:
            self._models = self._models or Once(partial(self._ask_models, deadline))
        return self._models()

    def _containers(self) -> tuple[ContainerFact, ...]:
        found = Containers(self.place.api).of_project(self.place.plan.project)
        return tuple(self._shown(fact if self.place.far else with_sources(fact)) for fact in found)

    def _shown(self, fact: ContainerFact) -> ContainerFact:
        """Return it without secrets in what it was told or printed."""
        clean = self.redactor().secrets
        return replace(
            fact,
            command=tuple(map(clean, fact.command)),
            health_output=tuple(map(clean, fact.health_output)),
            error=clean(fact.error),
        )

    def _ask_models(self, deadline: Deadline) -> Mapping[str, ModelAnswers | Exception]:
        servers = dict.fromkeys(name for model in self.place.plan.models for name in model.services)
        ask, within = self.tellings.model, for_program(deadline)
        return side_by_side({name: partial(ask, name, within) for name in servers if self.runs(name)}, within)
