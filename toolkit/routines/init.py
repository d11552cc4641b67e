"""What `init` writes: the values that depend on the machine, each with its reason as a comment."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

from toolkit.errors import Problem, PublishError, UsageError
from toolkit.planning.choices import Machine, choose
from toolkit.profile.names import USER_FILE, known_names
from toolkit.profile.yaml_source import read_file
from toolkit.render.templates import render_template
from toolkit.resources import resource_dir


def profile_text(machine: Machine, environment: str) -> str:
    """Return the text of toolkit.yaml for `machine`, with `environment` as its default one.

    Raises UsageError for an environment that is not shipped.
    """
    known = known_names(resource_dir("profiles")).environments
    if environment not in known:
        raise UsageError(
            Problem("--env", f"unknown environment `{environment}`", "", f"known: {', '.join(known)}")
        )
    choices = choose(machine)
    values = {
        "environment": environment,
        "licence": _licence(str(choices.model.value)),
        **{field.name: getattr(choices, field.name) for field in fields(choices)},
    }
    return render_template(resource_dir("templates"), "toolkit.yaml.j2", values)


def write_profile(directory: Path, text: str, *, replace: bool) -> Path:
    """Write `text` as toolkit.yaml; an older one is kept as toolkit.yaml.bak when `replace`, else refused."""
    path = directory / USER_FILE
    if path.exists() and not replace:
        raise UsageError(
            Problem(
                str(path),
                "it is there already",
                next_step="edit it, or replace it with `toolkit init --force`",
            )
        )
    staged = path.with_name(f".{USER_FILE}.{os.getpid()}")
    try:
        staged.write_text(text, encoding="utf-8")
        if path.exists():
            _keep(path)
        staged.replace(path)
    except OSError as error:
        step = "free some space, or make the directory writable for this user"
        raise PublishError(Problem(str(path), "it cannot be written", str(error), step)) from error
    finally:
        staged.unlink(missing_ok=True)
    return path


def _keep(path: Path) -> None:
    """Give the file a second name, so that there is a toolkit.yaml at every moment."""
    kept = path.with_name(f"{USER_FILE}.bak")
    kept.unlink(missing_ok=True)
    kept.hardlink_to(path)


def _licence(model: str) -> str:
    node = read_file(resource_dir("profiles") / "models" / f"{model}.yaml", model).node
    child = node.child("licence") if node is not None else None
    return str(child.value) if child is not None else "unknown"
