"""Reads the layers of one profile in their order and keeps everything that is wrong with any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.profile.inputs import MISNAMED, USER_FILE
from toolkit.profile.layers import Layer, nested
from toolkit.profile.names import (
    NAMED_LAYERS,
    PRESET,
    STRICT,
    STRICT_FLAG,
    NamedLayer,
    choose,
    known_names,
    models_chosen_twice,
)
from toolkit.profile.sets import read_set
from toolkit.profile.tree import Fault, Node, Origin
from toolkit.profile.yaml_source import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_STRICT_LAYER = NamedLayer(STRICT, "", STRICT_FLAG, optional=True)


class LayerStack:
    """Layers, the lowest first, and faults; `is_broken` where a layer is not there or cannot be read."""

    def __init__(self, profiles_dir: Path) -> None:
        self._profiles_dir = profiles_dir
        self._known = known_names(profiles_dir)
        self._chosen: dict[str, Node] = {}
        self.layers: list[Layer] = []
        self.faults: list[Fault] = []
        self.is_broken = False

    def add(self, layer: Layer | None) -> None:
        """Lay one more on top; None says nothing."""
        if layer is not None:
            self.layers.append(layer)

    def add_below(self) -> None:
        """Add what is under every profile: the model catalogue, each as `models.NAME`, and the base."""
        for name in self._known.models:
            layer = self._shipped("models", f"models/{name}.yaml")
            if layer is not None:
                self.add(Layer(layer.name, layer.source, nested(("models", name), layer.node)))
        self.add(self._shipped("base", "base.yaml"))

    def add_chosen(self, flags: Mapping[str, str | None], user: Layer | None) -> None:
        """Add the named layers that `flags` (by key), else the user's file, else the base choose, in their order."""
        sayers = self._sayers(user)
        for layer in NAMED_LAYERS:
            choice = choose(layer, flags.get(layer.key), sayers, self._known.of(layer))
            if isinstance(choice, Fault):
                self._refuse(choice)
            elif choice is not None:
                self._chosen[layer.key] = choice
                self._add_choosing_nothing(self._shipped(layer.key, f"{layer.folder}/{choice.value}.yaml"))

    def add_strict(self, flag: bool, user: Layer | None) -> None:
        """Add the strict set where the flag, else the user's file, else the base says so."""
        if flag:
            self._chosen[STRICT] = Node(True, Origin(STRICT_FLAG), Origin(STRICT_FLAG), "true")
        said = (sayer.child(STRICT) for sayer in self._sayers(user) if sayer is not None)
        node = self._chosen.get(STRICT) or next((node for node in said if node is not None), None)
        if node is not None and node.value is True:
            self._add_choosing_nothing(self._shipped(STRICT, "strict.yaml"))

    def add_user(self, user: Layer | None) -> None:
        """Add the user's file; what it takes from under a preset is a fault."""
        presets = [layer for layer in self.layers if layer.name == PRESET]
        if user is not None and presets:
            self.faults += models_chosen_twice(presets[0].node, user.node)
        self.add(user)

    def add_flags(self, sets: Sequence[str]) -> None:
        """Add one layer for each `--set KEY=VALUE`."""
        for text in sets:
            layer, faults = read_set(text)
            self.faults += faults
            self.is_broken |= layer is None
            self.add(layer)

    def choice(self) -> Layer:
        """Return the topmost layer, which says the chosen names."""
        origin = Origin("the choice of layers")
        return Layer("choice", origin.source, Node(self._chosen, origin, origin))

    def user(self, project_dir: Path) -> Layer | None:
        """Return the layer of `toolkit.yaml`; a project without one says nothing."""
        path = project_dir / USER_FILE
        if path.exists():
            return self._read(USER_FILE, path, USER_FILE)
        if (project_dir / MISNAMED).exists():
            what = "a file of this name is not read"
            self._refuse(Fault(Origin(MISNAMED), what, "", f"rename it to {USER_FILE}"))
        return None

    def _shipped(self, name: str, relative: str) -> Layer | None:
        return self._read(name, self._profiles_dir / relative, f"{self._profiles_dir.name}/{relative}")

    def _read(self, name: str, path: Path, source: str) -> Layer | None:
        reading = read_file(path, source)
        self.faults += reading.faults
        self.is_broken |= reading.broken
        return Layer(name, source, reading.node) if reading.node is not None else None

    def _refuse(self, fault: Fault) -> None:
        self.faults.append(fault)
        self.is_broken = True

    def _sayers(self, user: Layer | None) -> list[Node]:
        """Return who may choose, the first word first: the user's file, then what lies below every profile."""
        below = [layer for layer in self.layers if layer.name in {"base", "models"}]
        return [layer.node for layer in (user, *reversed(below)) if layer is not None]

    def _add_choosing_nothing(self, layer: Layer | None) -> None:
        for choosing in (*NAMED_LAYERS, _STRICT_LAYER):
            node = layer.node.child(choosing.key) if layer is not None else None
            if node is not None:
                what = f"`{choosing.key}` cannot be chosen here"
                self._refuse(Fault(node.key, what, "", f"remove it; {choosing.choosers}"))
        self.add(layer)
