"""The names a profile can choose from, and the choice of environment and hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.profile.nearest import nearest
from toolkit.profile.tree import Fault, Node, Origin, walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FLAGS = {"environment": "--env", "hardware": "--hardware"}


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names of the shipped environments, hardware profiles and models, each sorted."""

    environments: tuple[str, ...]
    hardware: tuple[str, ...]
    models: tuple[str, ...]


def known_names(profiles_dir: Path) -> KnownNames:
    """Return what `profiles_dir` holds, by file name; a folder that is not there holds nothing."""
    environments, hardware, models = (
        tuple(sorted(file.stem for file in (profiles_dir / folder).glob("*.yaml")))
        for folder in ("environments", "hardware", "models")
    )
    return KnownNames(environments, hardware, models)


def choose(kind: str, flag: str | None, layers: Sequence[Node | None], known: Sequence[str]) -> Node | Fault:
    """Return the chosen name with its origin: the flag, else the first of `layers` with the key `kind`.

    Returns a Fault where the name is not among the known ones, or nobody chose.
    """
    said = (layer.child(kind) for layer in layers if layer is not None)
    by_flag = Node(flag, Origin(FLAGS[kind]), Origin(FLAGS[kind])) if flag is not None else None
    node = by_flag or next((node for node in said if node is not None), None)
    if node is None:
        return Fault(Origin(FLAGS[kind]), f"no {kind} is chosen", "", f"use one of {', '.join(known)}")
    if node.value in known:
        return node
    return _unknown(kind, node, known)


def unknown_models(merged: Node) -> list[Fault]:
    """Return a fault for each service whose `model` is not in the catalogue; `auto` is yet to be decided."""
    models = merged.child("models")
    known = tuple(models.value) if models is not None and isinstance(models.value, Mapping) else ()
    chosen = [
        node for path, node in walk(merged) if len(path) == 3 and (path[0], path[2]) == ("services", "model")
    ]
    return [_unknown("model", node, known) for node in chosen if node.value not in (*known, "auto")]


def _unknown(kind: str, node: Node, known: Sequence[str]) -> Fault:
    name = node.value if isinstance(node.value, str) else node.written or "something that is not a name"
    close = nearest(name, known)
    hint = f"did you mean `{close}`? " if close else ""
    return Fault(node.origin, f"unknown {kind} `{name}`", "", f"{hint}known: {', '.join(known)}")
