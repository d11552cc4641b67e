"""What a deploy does to the engine: provide what services start from, apply actions, wait, reload, prove."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.planning.reconcile import Action
from toolkit.routines.heartbeat import Heartbeat
from toolkit.routines.prepare import generate_model, own_volume
from toolkit.routines.provide import provide_images
from toolkit.routines.settle import settle

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.runner import Runner
    from toolkit.facts import ContainerFact, Outcome
    from toolkit.planning.plan import Plan, ServicePlan
    from toolkit.probes.containers import Containers
    from toolkit.probes.events import Events
    from toolkit.routines.progress import Progress

_APPLY_S = 600.0


@dataclass(frozen=True, slots=True)
class Acts:
    """The hands of a deploy; each call raises EngineError with the engine's own reason."""

    runner: Runner
    engine: ComposeEngine
    containers: Containers
    events: Events
    compose_dir: Path
    project_dir: Path
    clock: Clock
    progress: Progress

    def provide(self, plan: Plan, services: Collection[ServicePlan]) -> None:
        """Have ready on this machine or its engine what `services` start from: images, generated models."""
        provide_images(self.runner, self.engine, self.compose_dir, plan.image_source, services, self.progress)
        images = {service.name: service.image for service in services}
        for model in plan.generated_models:
            image = next((images[s] for m in plan.models for s in m.services if s in images), None)
            if image is not None:
                generate_model(self.runner, model, image, self.project_dir, self.compose_dir)

    def own_volumes(self, plan: Plan, services: Collection[ServicePlan]) -> None:
        """Give the volumes of `services` to their users; what the services mount has to be there by now."""
        names = {service.name for service in services}
        for volume in plan.owned_volumes:
            # Also where the volume is there: an interrupted run may have made it and not got further.
            if volume.service in names:
                own_volume(self.engine, volume)

    def fill_volumes(self, users: Collection[str]) -> None:
        """Create the containers that shared volumes are filled for, before others mount these."""
        if users:
            self.engine.create(users, deadline=Deadline.after(_APPLY_S, self.clock))

    def apply(self, actions: Collection[Action]) -> None:
        """Create, recreate, start, restart and remove containers, each only where an action says so."""
        deadline = Deadline.after(_APPLY_S, self.clock)
        by_kind = {kind: [a.service for a in actions if a.kind == kind] for kind in {a.kind for a in actions}}
        up = [name for kind in ("create", "recreate", "start") for name in by_kind.get(kind, [])]
        if "remove" in by_kind:
            # Only `up` without names removes what the file no longer has; the unchanged it leaves alone.
            self.engine.up(on_line=self.progress.line, deadline=deadline)
        elif up:
            self.engine.up(up, on_line=self.progress.line, deadline=deadline)
        if "restart" in by_kind:
            self.engine.restart(by_kind["restart"], on_line=self.progress.line)

    def settle(self, budgets_s: Mapping[str, float], behind: Mapping[str, Collection[str]]) -> Outcome:
        """Wait on the engine's events until the services of `budgets_s` are healthy, each for so long at most.

        `behind` says which of them wait for others first. Raises ServiceFailedError with the evidence of each that
        failed or is late.
        """
        began = self.clock.monotonic()
        heartbeat = Heartbeat(budgets_s, behind, self._last_line, self.progress, self.clock)

        def tell(fact: ContainerFact) -> None:
            heartbeat.note(fact)
            self._tell(fact)

        def wait(services: Collection[str], until_s: float) -> Outcome:
            return self.events.wait_until(services, Deadline(began + until_s, self.clock), on_change=tell)

        with heartbeat:
            return settle(wait, self.containers, budgets_s)

    def _last_line(self, container_id: str) -> str:
        return "".join(self.containers.log_tail(container_id, 1))

    def _tell(self, fact: ContainerFact) -> None:
        state = fact.health if fact.state == "running" and fact.health else fact.state
        self.progress.service(fact.service, state)
