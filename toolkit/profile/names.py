"""The names a profile can choose from, and the choice of the layers that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.profile.inputs import USER_FILE
from toolkit.profile.nearest import nearest
from toolkit.profile.tree import Fault, KeyPath, Node, Origin, dotted, walk
from toolkit.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class NamedLayer(Value):
    """A layer that is chosen by name: its key, the folder of its files, and its flag.

    Without a flag only toolkit.yaml chooses it. An `optional` one is not read where nobody names it, or null does.
    """

    key: str
    folder: str
    flag: str
    optional: bool

    @property
    def choosers(self) -> str:
        """Who chooses, as a sentence needs it."""
        return f"{self.flag} or {USER_FILE} choose" if self.flag else f"{USER_FILE} chooses"


PRESET = "preset"
# In the order in which they are laid over the base. A preset says which models and the flags they are made for, as the
# hardware does for a machine; a persona says what is wanted of them, so it has the later word.
NAMED_LAYERS = (
    NamedLayer("hardware", "hardware", "--hardware", optional=False),
    NamedLayer("environment", "environments", "--env", optional=False),
    NamedLayer(PRESET, "presets", "", optional=True),
    NamedLayer("persona", "personas", "--persona", optional=True),
)
STRICT = "strict"
STRICT_FLAG = "--strict"

# Every key that decides which layers are read, and how to set it from the command line.
CHOOSING = {
    **{
        layer.key: f"use {layer.flag} NAME" if layer.flag else f"write `{layer.key}: NAME` in {USER_FILE}"
        for layer in NAMED_LAYERS
    },
    STRICT: f"use {STRICT_FLAG}",
}


class KnownNames(Value):
    """The names of the shipped environments, hardware profiles, presets, personas and models, each sorted."""

    environments: tuple[str, ...]
    hardware: tuple[str, ...]
    presets: tuple[str, ...]
    personas: tuple[str, ...]
    models: tuple[str, ...]

    def of(self, layer: NamedLayer) -> tuple[str, ...]:
        """Return the names that `layer` can be chosen from."""
        names: tuple[str, ...] = getattr(self, layer.folder)
        return names


def known_names(profiles_dir: Path) -> KnownNames:
    """Return what `profiles_dir` holds, by file name; a folder that is not there holds nothing."""
    return KnownNames(
        *(
            tuple(sorted(file.stem for file in (profiles_dir / folder).glob("*.yaml")))
            for folder in ("environments", "hardware", "presets", "personas", "models")
        )
    )


def choose(
    layer: NamedLayer, flag: str | None, sayers: Sequence[Node | None], known: Sequence[str]
) -> Node | Fault | None:
    """Return the chosen name with its origin: the flag, else the first of `sayers` with the layer's key.

    None where an optional layer is not chosen. Returns a Fault where the name is not among the known ones, or where
    nobody chose a layer that has to be there.
    """
    said = (sayer.child(layer.key) for sayer in sayers if sayer is not None)
    by_flag = Node(flag, Origin(layer.flag), Origin(layer.flag)) if flag is not None else None
    node = by_flag or next((node for node in said if node is not None), None)
    if layer.optional and (node is None or node.value is None):
        return None
    if node is None:
        return Fault(Origin(layer.flag), f"no {layer.key} is chosen", "", f"use one of {', '.join(known)}")
    if node.value in known:
        return node
    return unknown(layer.key, node, known)


def unknown_models(merged: Node) -> list[Fault]:
    """Return a fault for each service whose `model` is not in the catalogue; `auto` is yet to be decided."""
    models = merged.child("models")
    known = tuple(models.value) if models is not None and isinstance(models.value, Mapping) else ()
    chosen = [node for path, node in walk(merged) if _is_model(path)]
    return [unknown("model", node, known) for node in chosen if node.value not in (*known, "auto")]


def models_chosen_twice(preset: Node, user: Node) -> list[Fault]:
    """Return a fault for each model that both choose: the flags of a preset are for its own models."""
    chosen = {path: node for path, node in walk(preset) if _is_model(path)}
    return [
        Fault(
            node.origin,
            f"the preset chooses `{dotted(path)}`, and so does this line",
            f"{node.value}, in the preset {chosen[path].value}",
            "remove this line, or the preset",
        )
        for path, node in walk(user)
        if path in chosen and node.value != chosen[path].value
    ]


def _is_model(path: KeyPath) -> bool:
    return len(path) == 3 and (path[0], path[2]) == ("services", "model")


def unknown(kind: str, node: Node, known: Sequence[str]) -> Fault:
    """Return the fault of a name that is not among the known ones; it proposes the nearest of them."""
    name = node.value if isinstance(node.value, str) else node.written or "something that is not a name"
    close = nearest(name, known)
    hint = f"did you mean `{close}`? " if close else ""
    return Fault(node.origin, f"unknown {kind} `{name}`", "", f"{hint}known: {', '.join(known)}")
