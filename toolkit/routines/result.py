"""What an `up` did and found, whichever way it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.planning.reconcile import Action
    from toolkit.probes.http import Completion
    from toolkit.routines.migrate import IndexResult
    from toolkit.routines.priming import Primed, Reached
    from toolkit.routines.warm import Warmed
    from toolkit.state.keys import Key


@dataclass(frozen=True, slots=True)
class UpResult:
    """The stack by name, what was done to it, and how it stands.

    `host` is empty where there is but one. `services` are the planned ones, `models` the names that users address,
    `states` those of the containers;
    `phases_s` are seconds by step, in order.
    """

    environment: str
    host: str
    project: str
    services: tuple[str, ...]
    models: tuple[str, ...]
    actions: tuple[Action, ...]
    written: tuple[str, ...]
    reloaded: bool
    states: Mapping[str, str]
    completions: Mapping[str, Completion]
    new_keys: tuple[Key, ...]
    phases_s: Mapping[str, float]
    pending_models: tuple[str, ...]
    endpoint: str | None
    indexes: tuple[IndexResult, ...] = ()
    warmed: tuple[Warmed, ...] = ()
    stores: tuple[Reached, ...] = ()
    primed: Primed | None = None
    warming: bool = False
    """Whether the models are warmed up in the background, as soon as they have loaded."""
    release: int | None = None
    """The number of the release that this is; None where nobody counted."""
    restores: int | None = None
    """The release whose files these are, where it was brought back."""
    outages_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds in which the edge had no server of its own for a model, by the model."""


def still_loading(model_services: Iterable[str], states: Mapping[str, str]) -> tuple[str, ...]:
    """Return the model servers that are not healthy, or not among `states`."""
    return tuple(name for name in model_services if states.get(name) != "healthy")
