"""Loads what a user adds to what is shipped: the files that `overrides:` and `patches:` name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from toolkit.errors import Problem, ProfileError
from toolkit.profile.names import unknown
from toolkit.profile.shipped import not_shipped, short_digest
from toolkit.profile.tree import Fault, Node, plain
from toolkit.profile.yaml_source import read_file, read_text
from toolkit.render.additions import Additions, Replaced
from toolkit.values import Value

if TYPE_CHECKING:
    from pathlib import Path


class LoadedAdditions(Value):
    """What is added, and a warning for each copy whose shipped original has changed since it was made."""

    additions: Additions
    warnings: tuple[Problem, ...]


def load_additions(
    merged: Node, project_dir: Path, shipped: Mapping[str, Path], *, strict: bool
) -> LoadedAdditions:
    """Return the texts of every file that a valid profile's `overrides` and `patches` name.

    Files are relative to `project_dir`; `shipped` are the files that can be replaced. Raises ProfileError with every
    file that is not there or cannot be read, and with the warnings where `strict`.
    """
    reader = _Reader(project_dir, shipped)
    for path, said in _mapping(merged.child("overrides")).items():
        reader.replace(path, said)
    known = tuple(name.replace("_", "-") for name in _services(merged))
    for service in cast("tuple[Node, ...]", _value(merged.child("patches"), ())):
        reader.patch(service, known)
    faults = [*reader.faults, *(reader.stale if strict else [])]
    if faults:
        raise ProfileError(*(fault.problem() for fault in sorted(set(faults))))
    return LoadedAdditions(
        Additions(reader.replaced, reader.patches), tuple(fault.problem() for fault in sorted(reader.stale))
    )


class _Reader:
    """Reads one file after the other and keeps what is wrong with any of them."""

    def __init__(self, project_dir: Path, shipped: Mapping[str, Path]) -> None:
        self._project_dir = project_dir
        self._shipped = shipped
        self.replaced: dict[str, Replaced] = {}
        self.patches: dict[str, Mapping[str, Any]] = {}
        self.faults: list[Fault] = []
        self.stale: list[Fault] = []

    def replace(self, path: str, said: Node) -> None:
        """Read what stands in the place of the shipped file `path`."""
        if path not in self._shipped:
            self.faults.append(not_shipped(path, said.key, self._shipped))
            return
        file, noted = (cast("Node", said.child(name)) for name in ("file", "of"))
        text = self._text(path, file)
        if text is not None:
            self.replaced[path] = Replaced(text, str(file.value))
            self._compare(path, str(file.value), noted)

    def patch(self, service: Node, known: tuple[str, ...]) -> None:
        """Read the patch of a service, which has to be one of the profile's."""
        if service.value not in known:
            self.faults.append(unknown("service", service, known))
            return
        name = f"compose/{service.value}.patch.yaml"
        reading = read_file(self._project_dir / name, name)
        self.faults += reading.faults
        if reading.node is not None:
            self.patches[str(service.value)] = cast("Mapping[str, Any]", plain(reading.node))

    def _text(self, path: str, file: Node) -> str | None:
        name = str(file.value)
        try:
            text = (self._project_dir / name).read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            step = f"correct its name, or make it: toolkit profile override {path}"
            self.faults.append(Fault(file.origin, f"{name}: the file is not there", "", step))
        except (OSError, UnicodeDecodeError) as error:
            step = "make it a text file in UTF-8 that you may read"
            self.faults.append(Fault(file.origin, f"{name}: the file cannot be read", str(error), step))
        else:
            # A template becomes a configuration, whatever that looks like; a fragment is YAML as a profile is.
            found = read_text(text, name).faults if path.startswith("compose/") else []
            self.faults += found
            return None if found else text
        return None

    def _compare(self, path: str, name: str, noted: Node) -> None:
        now = short_digest(self._shipped[path].read_bytes())
        if noted.value != now:
            what = f"`{path}` has changed since {name} was made from it"
            step = f'bring the change over to {name}, then write of: "{now}"'
            self.stale.append(Fault(noted.origin, what, f"made from {noted.value}, shipped is {now}", step))


def _services(merged: Node) -> list[str]:
    return [name for key in ("services", "own_services") for name in _mapping(merged.child(key))]


def _mapping(node: Node | None) -> Mapping[str, Node]:
    return cast("Mapping[str, Node]", _value(node, {}))


def _value(node: Node | None, nothing: object) -> object:
    return nothing if node is None else node.value
