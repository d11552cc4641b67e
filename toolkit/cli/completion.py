"""What a shell is offered for the options of every verb: names of layers, keys of a profile."""

from __future__ import annotations

from typing import Any


def environments(incomplete: str) -> list[str]:
    """Return the environments that begin so."""
    return _beginning(incomplete, "environments")


def hardware(incomplete: str) -> list[str]:
    """Return the hardware profiles that begin so."""
    return _beginning(incomplete, "hardware")


def personas(incomplete: str) -> list[str]:
    """Return the personas that begin so."""
    return _beginning(incomplete, "personas")


def keys(incomplete: str) -> list[str]:
    """Return how each key that begins so goes on: `KEY=` where a value follows, `SECTION.` where keys do."""
    from toolkit.profile.schema import json_schema, next_keys

    return [] if "=" in incomplete else next_keys(json_schema(), incomplete)


def explained(incomplete: str) -> list[str]:
    """Return the keys of this directory's profile that begin so, derived values and settings, up to the next dot."""
    from toolkit.cli.options import Common
    from toolkit.cli.wiring import Project
    from toolkit.errors import ToolkitError
    from toolkit.profile.explain import keys_of, next_parts

    try:
        project = Project(Common(quiet=True))
        return next_parts(keys_of(project.profile, project.whole_plan), incomplete)
    except ToolkitError:
        return [key.removesuffix("=") for key in keys(incomplete)]


def shipped(incomplete: str) -> list[str]:
    """Return the replaceable files that begin so."""
    from toolkit.cli import decided

    return [path for path in decided.shipped() if path.startswith(incomplete)]


def checks(incomplete: str) -> list[str]:
    """Return the ids of checks that begin so."""
    from toolkit.checks import all_checks

    return [check.id for check in all_checks() if check.id.startswith(incomplete)]


def reports(ctx: Any, incomplete: str) -> list[str]:
    """Return the ids of kept reports, in all environments, that begin so."""
    from pathlib import Path

    from toolkit.state.directory import STATE

    found = Path(ctx.params.get("project_dir") or ".").glob(f"{STATE}/*/reports/*.json")
    return sorted(path.stem for path in found if path.stem.startswith(incomplete))


def releases(ctx: Any, incomplete: str) -> list[str]:
    """Return the numbers of kept releases, in all environments, that begin so."""
    from pathlib import Path

    from toolkit.state.directory import STATE

    kept = Path(ctx.params.get("project_dir") or ".").glob(f"{STATE}/*/releases/**/release.json")
    numbers = sorted({path.parent.name for path in kept if path.parent.name.isdigit()}, key=int, reverse=True)
    return [number for number in numbers if number.startswith(incomplete)]


def _beginning(incomplete: str, kind: str) -> list[str]:
    from toolkit.profile.names import known_names
    from toolkit.resources import resource_dir

    names: tuple[str, ...] = getattr(known_names(resource_dir("profiles")), kind)
    return [name for name in names if name.startswith(incomplete)]
