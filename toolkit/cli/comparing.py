"""The verb that compares: diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.routines.compare import ServiceDifference


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    verb(app)(diff)


def diff(
    common: Common,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENVIRONMENT]",
            autocompletion=completion.environments,
            help="Compare with this environment as rendered, not with what runs.",
        ),
    ] = None,
) -> int:
    """Show what `up` would change, service by service and why; nothing is touched. Exit 4 where something differs.

    Example: toolkit diff production --env testing
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host
    from toolkit.errors import DiffersError

    project = Project(common)
    if other is None:
        found = [(part, part.differences()) for part in project.reached()]
    else:
        found = [(part, part.differences_to(other)) for part in project.parts()]
    answer_by_host(common, [(part.plan.part, _json(part, d), _text(part, d, other)) for part, d in found])
    return DiffersError.exit_code if any(differences for _, differences in found) else 0


def _json(part: Project, differences: tuple[ServiceDifference, ...]) -> dict[str, Any]:
    from toolkit.values import as_plain

    return {
        "environment": part.plan.environment,
        "project": part.project_name,
        "differs": bool(differences),
        "services": [as_plain(one) for one in differences],
    }


def _text(part: Project, differences: tuple[ServiceDifference, ...], other: str | None) -> str:
    what = f"{part.plan.environment} against {other}" if other else part.project_name
    if not differences:
        return f"{what}: no difference"
    alone = len(differences) == 1
    lines = [f"{what}: {len(differences)} {'service differs' if alone else 'services differ'}"]
    for one in differences:
        lines.append(f"  {one.service:16} {': '.join(word for word in (one.kind, one.cause) if word)}")
        lines += [f"    {c.path}: {_value(c.before)} → {_value(c.after)}" for c in one.changes]
        for file in one.files:
            lines += [f"    {file.path}", *(f"      {line}" for line in file.lines)]
    return "\n".join(lines)


def _value(value: str | None) -> str:
    return value or "(nothing)"
