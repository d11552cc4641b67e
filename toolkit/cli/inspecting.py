"""The verbs that look: status and logs."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(status)
    verb(app)(logs)


def status(common: Common) -> int:
    """Show every service as it is, and whether it is what the profile says. Exit 1 where one is not healthy.

    Example: toolkit status --env production --output json
    """
    from toolkit.cli.status import status_json, status_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host

    seen = [(part.plan, part.look()) for part in Project(common).reached()]
    answer_by_host(
        common, [(plan.part, status_json(plan, rows), status_text(plan, rows)) for plan, rows in seen]
    )
    return 0 if all(row.good for _, rows in seen for row in rows) else 1


def logs(
    common: Common,
    services: Annotated[list[str] | None, typer.Argument(help="Services; all of them without any.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    tail: Annotated[int, typer.Option(min=0, help="Lines of each service.")] = 200,
) -> None:
    """Show the last log lines of services.

    Example: toolkit logs llm-general --tail 50 --follow
    """
    from toolkit.cli.wiring import Project
    from toolkit.errors import Problem, UsageError
    from toolkit.routines.teardown import present

    parts = Project(common).reached_with(services or ())
    if follow and len(parts) > 1:
        step = "name services of one host, or give --host"
        raise UsageError(Problem("--follow", "follows the services of one host at a time", "", step))
    for part, names in parts:
        present(part.containers, part.project_name, names, "show")
        part.ensure_published()
        part.engine.logs(names, follow=follow, tail=tail, on_line=typer.echo)
