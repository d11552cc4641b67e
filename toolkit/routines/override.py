"""Copies a shipped template or fragment beside toolkit.yaml, for a user to change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toolkit.errors import Problem, PublishError, UsageError
from toolkit.profile.inputs import USER_FILE
from toolkit.profile.shipped import not_shipped, short_digest
from toolkit.profile.tree import Origin

FOLDER = "overrides"


def copy_shipped(project_dir: Path, path: str, shipped: Mapping[str, Path]) -> tuple[Path, str]:
    """Copy the shipped file `path` to overrides/; return the copy and the line for `overrides:` in toolkit.yaml.

    Raises UsageError for a path that is not shipped, or whose copy is there already.
    """
    if path not in shipped:
        raise UsageError(not_shipped(path, Origin("PATH"), shipped).problem())
    copy, content = project_dir / FOLDER / path, shipped[path].read_bytes()
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with copy.open("xb") as file:
            file.write(content)
    except FileExistsError:
        step = "edit it, or remove it to begin anew"
        raise UsageError(Problem(str(copy), "it is there already", next_step=step)) from None
    except OSError as error:
        step = "free some space, or make the directory writable for this user"
        raise PublishError(Problem(str(copy), "it cannot be written", str(error), step)) from error
    return copy, f'  {path}: {{file: {FOLDER}/{path}, of: "{short_digest(content)}"}}'


def how_to_go_on(copy: Path, line: str) -> str:
    """Return what to tell the user: where the copy is, and what toolkit.yaml needs."""
    return f"wrote {copy}\nit counts once {USER_FILE} says:\n\noverrides:\n{line}"
