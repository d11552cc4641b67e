"""The fragment of a service: the shipped one, a user's text in its place, or the file that an own service names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import ServicePlan
from toolkit.render.additions import Replaced


def read_fragment(
    service: ServicePlan, compose_dir: Path, project_dir: Path, replaced: Mapping[str, Replaced]
) -> tuple[dict[str, Any], str]:
    """Return what the service's fragment says, and the file that says it.

    A fragment named `….yaml` is the user's own, relative to `project_dir`. Raises UsageError where it is not there or
    cannot be read.
    """
    ours = replaced.get(f"compose/{service.fragment}.yaml")
    if ours is not None:
        return _parsed(service, ours.text, ours.file, f"correct {ours.file}"), ours.file
    if not service.fragment.endswith(".yaml"):
        path = compose_dir / f"{service.fragment}.yaml"
        return _parsed(service, path.read_text(encoding="utf-8"), str(path), ""), str(path)
    path = project_dir / service.fragment
    step = f"write it, or correct `fragment:` of {service.part_of} in toolkit.yaml"
    try:
        return _parsed(service, path.read_text(encoding="utf-8"), str(path), step), str(path)
    except OSError as error:
        raise UsageError(_unreadable(service, str(path), error, step)) from error


def _parsed(service: ServicePlan, text: str, where: str, step: str) -> dict[str, Any]:
    try:
        read = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(_unreadable(service, where, error, step)) from error
    if not isinstance(read, dict):
        step = "write the keys of one Compose service, without its name above them"
        raise UsageError(Problem(where, f"the fragment of {service.name} is no mapping", str(read), step))
    return read


def _unreadable(service: ServicePlan, where: str, error: Exception, step: str) -> Problem:
    return Problem(where, f"the fragment of {service.name} cannot be read", str(error), step)
