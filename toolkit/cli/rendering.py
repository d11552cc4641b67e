"""The verbs that need no engine: validate and render."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(validate)
    verb(app)(render)


class LintScope(StrEnum):
    """How rendered files and flags are linted: by the pinned programs, by the table of removed options, not at all."""

    FULL = "full"
    STATIC = "static"
    OFF = "off"


def validate(
    common: Common,
    lint: Annotated[
        LintScope,
        typer.Option(
            help="full: each program judges its files and flags in its pinned image; static: no engine is asked."
        ),
    ] = LintScope.FULL,
) -> None:
    """Check the whole profile: every layer, every key, whether a plan comes of it, and what the servers say of it.

    Files and flags are judged by the programs that will read them, in their own images; what could not be asked is
    told, with --strict as an error. What was good before is remembered by image and content.

    Example: toolkit validate --env production --set services.redis.memory=1GiB
    """
    from toolkit.cli.linting import lint_parts, told
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common)
    parts = project.parts()
    services = [name for part in parts for name in part.bundle.definitions]
    linted = lint_parts(parts, static=lint is LintScope.STATIC) if lint is not LintScope.OFF else ()
    words = told(common, linted, strict=project.settings.strict)
    environment = project.settings.environment
    answer(
        common,
        {
            "environment": environment,
            "valid": True,
            "services": services,
            "warnings": [warning.as_json() for warning in project.whole_plan.warnings],
            "lint": [one.as_json() for one in linted],
        },
        f"valid: {environment} on {project.settings.hardware}, {len(services)} services{words}",
    )


def render(
    common: Common,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 4 where the tree differs.")
    ] = False,
) -> None:
    """Write build/<environment>/: compose.yaml and every configuration file.

    Example: toolkit render --env production --check
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.errors import DiffersError, Problem
    from toolkit.publish import differences

    project = Project(common)
    parts = project.parts()
    bundles = [(part.bundle, part.build_dir) for part in parts]
    root, count = project.render_root, sum(len(bundle.files) for bundle, _ in bundles)
    if check:
        found = [(to / d.path, d.kind) for bundle, to in bundles for d in differences(bundle, to)]
        if found:
            step = "run `toolkit render`"
            raise DiffersError(*(Problem(str(path), kind, next_step=step) for path, kind in found))
    else:
        with project.lock("render"):
            found = [(part.build_dir / d.path, d.kind) for part in parts for d in part.publish()]
    answer(
        common,
        {
            "environment": project.settings.environment,
            "directories": [str(to) for _, to in bundles],
            "digests": [bundle.digest for bundle, _ in bundles],
            "files": sorted(
                str((to / path).relative_to(root)) for bundle, to in bundles for path in bundle.files
            ),
            "written": sorted(str(path.relative_to(root)) for path, _ in found),
        },
        "no difference" if check else f"{root}: {count} files, {len(found)} written",
    )
