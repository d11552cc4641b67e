"""The verbs that need no engine: validate and render."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(validate)
    verb(app)(render)


def validate(common: Common) -> None:
    """Check the whole profile: every layer, every key, and whether a plan comes of it.

    Example: toolkit validate --env production --set services.redis.memory=1GiB
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common)
    plan = project.plan
    answer(
        common,
        {"environment": plan.environment, "valid": True, "services": [s.name for s in plan.services]},
        f"valid: {plan.environment} on {project.settings.hardware}, {len(plan.services)} services",
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
    from toolkit.publish import differences, publish

    project = Project(common)
    bundle = project.bundle
    if check:
        found = differences(bundle, project.build_dir)
        if found:
            raise DiffersError(
                *(
                    Problem(str(project.build_dir / d.path), d.kind, next_step="run `toolkit render`")
                    for d in found
                )
            )
    else:
        with project.lock("render"):
            found = publish(bundle, project.build_dir)
    answer(
        common,
        {
            "environment": project.settings.environment,
            "digest": bundle.digest,
            "files": sorted(bundle.files),
            "written": [d.path for d in found],
        },
        f"{project.build_dir}: {len(bundle.files)} files, {len(found)} written"
        if not check
        else "no difference",
    )
