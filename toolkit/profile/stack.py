"""Reads the layers of one profile in their order and keeps everything that is wrong with any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.profile.layers import Layer, nested
from toolkit.profile.names import FLAGS, choose, known_names
from toolkit.profile.sets import read_set
from toolkit.profile.tree import Fault, Node, Origin
from toolkit.profile.yaml_source import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

USER_FILE = "toolkit.yaml"
_MISNAMED = "toolkit.yml"
_FOLDERS = {"hardware": "hardware", "environment": "environments"}


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
        """Add the layers that `flags`, else the user's file, else the base choose, in their order."""
        sayers = [layer.node for layer in (user, *reversed(self.layers)) if layer is not None]
        known = {"environment": self._known.environments, "hardware": self._known.hardware}
        for kind, flag in flags.items():
            choice = choose(kind, flag, sayers, known[kind])
            if isinstance(choice, Fault):
                self._refuse(choice)
                continue
            self._chosen[kind] = choice
            layer = self._shipped(kind, f"{_FOLDERS[kind]}/{choice.value}.yaml")
            self._check_chooses_nothing(layer)
            self.add(layer)

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
        if (project_dir / _MISNAMED).exists():
            what = "a file of this name is not read"
            self._refuse(Fault(Origin(_MISNAMED), what, "", f"rename it to {USER_FILE}"))
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

    def _check_chooses_nothing(self, layer: Layer | None) -> None:
        for key, flag in FLAGS.items():
            node = layer.node.child(key) if layer is not None else None
            if node is not None:
                what, next_step = f"`{key}` cannot be chosen here", f"remove it; {flag} or {USER_FILE} choose"
                self._refuse(Fault(node.key, what, "", next_step))
