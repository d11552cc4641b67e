"""What the edge saw of its model servers during a deploy: who came, who went, and for how long nobody was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine.edge_log import outages, ready_after, seconds, turns
from toolkit.errors import EngineError

if TYPE_CHECKING:
    from toolkit.engine.edge_log import Turn
    from toolkit.facts import ContainerFact
    from toolkit.probes.containers import Containers


@dataclass(frozen=True, slots=True)
class EdgeView:
    """The edge of one project; `models` gives the servers of each model by its name."""

    containers: Containers
    project: str
    models: Mapping[str, tuple[str, ...]]

    def lost_s(self, since: float, until: float) -> dict[str, float]:
        """Return for each model the seconds between two Unix times in which it had no server of its own.

        Empty where the edge cannot be asked: what is not known is not told.
        """
        edge = self._edge()
        if edge is None:
            return {}
        there = bool(edge.started_at) and seconds(edge.started_at) < since
        return outages(self._turns(edge), self.models, since, until, there=there)

    def ready_s(self) -> dict[str, float]:
        """Return for each server the seconds from its start until the edge first sent it requests."""
        edge = self._edge()
        if edge is None:
            return {}
        started = {fact.service: fact.started_at for fact in self.containers.of_project(self.project)}
        return ready_after(self._turns(edge), started)

    def _edge(self) -> ContainerFact | None:
        try:
            seen = self.containers.of_project(self.project)
        except EngineError:
            return None
        return next((fact for fact in seen if fact.service == "edge" and fact.state == "running"), None)

    def _turns(self, edge: ContainerFact) -> tuple[Turn, ...]:
        return turns(self.containers.errors(edge.container_id))
