"""Brings up what differs: images and files first, equal servers in turn, dependents once what they need is healthy."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.planning.rolling import turns
from toolkit.planning.stages import concerned, first_users, needs, stages
from toolkit.planning.start import budgets

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.reconcile import Action
    from toolkit.routines.acting import Acts
    from toolkit.routines.deliver import Delivery
    from toolkit.routines.phases import Phases
    from toolkit.routines.rolling import Rolling
    from toolkit.routines.warm import WarmUp


@dataclass(slots=True)
class Bringing:
    """The order in which a deploy acts; its hands are `acts`."""

    plan: Plan
    acts: Acts
    delivery: Delivery | None
    """The way to the engine's machine; None where that is this one."""
    cached: Callable[[], Collection[str]]
    """The services whose weights need not be fetched, as far as can be seen."""
    warm_up: WarmUp
    phases: Phases
    rolling: Rolling | None = None
    """How a server is replaced while an equal one serves; None where all are replaced at once."""
    touched: bool = False
    """Whether the engine was told to change anything."""

    def bring(self, actions: tuple[Action, ...], seen: tuple[ContainerFact, ...] = ()) -> None:
        """Have images and files where the engine is, then act."""
        if actions:
            with self.phases.phase("images"):
                self.acts.provide(self.plan, concerned(self.plan, actions))
        if self.delivery is not None:
            with self.phases.phase("deliver"):
                self.delivery.bring()
        if actions:
            self._act(actions, seen)

    def wait(self, names: Collection[str]) -> None:
        """Wait for services, each for its own budget, which counts whether its weights have to be fetched."""
        every_s = budgets(self.plan.services, self.cached())
        behind = {s.name: [before.service for before in s.start.after] for s in self.plan.services}
        self.acts.settle({name: every_s[name] for name in names}, behind)

    def _act(self, actions: tuple[Action, ...], seen: tuple[ContainerFact, ...]) -> None:
        for action in actions:
            self.phases.progress.service(action.service, f"{action.kind}: {action.cause}")
        in_turn = turns(self.plan, actions, seen) if self.rolling is not None else ()
        self.touched = True
        if self.rolling is not None and in_turn:
            with self.phases.phase("roll"):
                self.rolling.replace(in_turn, self._serving)
        replaced = {turn.service for turn in in_turn}
        rest = tuple(action for action in actions if action.service not in replaced)
        if rest:
            self._apply(rest)

    def _serving(self, names: Collection[str]) -> None:
        """Wait for model servers, and have them warm before users meet them."""
        self.wait(names)
        if self.warm_up.due:
            self.warm_up.models()

    def _apply(self, actions: tuple[Action, ...]) -> None:
        first, held = stages(self.plan, actions)
        with self.phases.phase("engine"):
            self.acts.own_volumes(self.plan, concerned(self.plan, actions))
            self.acts.fill_volumes(first_users(self.plan, first))
            self.acts.apply(first)
        if not held:
            return
        needed = {name for action in held for name in needs(self.plan, action)}
        with self.phases.phase("wait"):
            self.wait([action.service for action in first if action.service in needed])
        with self.phases.phase("engine"):
            self.acts.apply(held)
