"""The shipped models: what each file of the catalogue says of its terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.profile.names import known_names
from toolkit.profile.tree import plain
from toolkit.profile.yaml_source import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Terms = Mapping[str, object]


def catalogue(profiles_dir: Path) -> dict[str, Terms]:
    """Return what the catalogue says of each model by its name; nothing where a file cannot be read."""
    found: dict[str, Terms] = {}
    for name in known_names(profiles_dir).models:
        node = read_file(profiles_dir / "models" / f"{name}.yaml", name).node
        said = plain(node) if node is not None else None
        found[name] = said if isinstance(said, dict) else {}
    return found


def catalogue_text(models: Mapping[str, Terms]) -> Iterator[str]:
    """Yield a line for each model: its name, its licence, and whether code of its repository runs."""
    width = max((len(name) for name in models), default=0)
    for name, said in models.items():
        code = "; runs code of its repository" if said.get("trust_remote_code") else ""
        yield f"  {name:{width}}  {said.get('licence', 'unknown')}{code}"
