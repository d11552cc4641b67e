"""Loads a profile: reads the layers, merges them, validates what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ProfileError
from toolkit.profile.layers import Layer, complete_own_services, merge_layers
from toolkit.profile.names import unknown_models
from toolkit.profile.problems import validate
from toolkit.profile.stack import LayerStack
from toolkit.profile.tree import Fault, Node, Origin, dotted, walk
from toolkit.settings.root import Settings
from toolkit.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class LoadedProfile(Value):
    """A valid profile: its settings, what each layer said (lowest first), and what they say together."""

    settings: Settings
    layers: tuple[Layer, ...]
    merged: Node

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Return the origin of each key and section, such as `services.redis.memory`; a list is one value."""
        return {dotted(path): node.origin for path, node in walk(self.merged)}


def load_profile(
    project_dir: Path,
    *,
    environment: str | None,
    hardware: str | None,
    sets: Sequence[str],
    profiles_dir: Path,
    persona: str | None = None,
    strict: bool = False,
) -> LoadedProfile:
    """Return the profile of `project_dir`, each layer laid over the ones before it.

    Catalogue < base < hardware < environment < preset < persona < strict set < `toolkit.yaml` < `sets`.
    `environment`, `hardware`, `persona` and `strict` are flags: where not given `toolkit.yaml` chooses, else the base.
    Raises ProfileError with every problem of every layer, sorted by file and line.
    """
    stack = LayerStack(profiles_dir)
    stack.add_below()
    user = stack.user(project_dir)
    stack.add_chosen({"hardware": hardware, "environment": environment, "persona": persona}, user)
    stack.add_strict(strict, user)
    stack.add_user(user)
    stack.add_flags(sets)
    if stack.is_broken:
        raise _error(stack.faults)
    merged = complete_own_services(merge_layers([*stack.layers, stack.choice()]))
    settings = validate(Settings, merged)
    found = settings if isinstance(settings, list) else unknown_models(merged)
    if isinstance(settings, list) or stack.faults or found:
        raise _error(_together(stack.faults, found))
    return LoadedProfile(settings, tuple(stack.layers), merged)


def _together(read: Sequence[Fault], validated: Sequence[Fault]) -> list[Fault]:
    """Return all faults; what a file gave cause to refuse is not complained of a second time."""
    told = {fault.origin for fault in read}
    return [*read, *(fault for fault in validated if fault.origin not in told)]


def _error(faults: Sequence[Fault]) -> ProfileError:
    return ProfileError(*(fault.problem() for fault in sorted(set(faults))))
