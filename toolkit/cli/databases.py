"""The verbs about the databases: what their indexes do, and making those that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.routines.migrate import IndexResult

app = typer.Typer(name="db", no_args_is_help=True, help="The databases of the stack: care of their indexes.")


@verb(app)
def indexes(
    common: Common,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Make the missing ones, as `migrate` does: online, each at most once."),
    ] = False,
) -> int:
    """Say which of the profile's indexes are missing, which ones no query uses, and which queries are slow.

    What is not used is told after a day of counting, never removed; queries are shown without their values. Exit 4
    where an index is missing that could be made, 3 where a database refuses one.

    Example: toolkit db indexes --apply
    """
    from toolkit.cli.index_care import care_json, care_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host
    from toolkit.errors import ActionError, DiffersError
    from toolkit.routines.teardown import present

    done, states = [], set()
    for part in Project(common).reached():
        care = part.index_care()
        if care.services:
            present(part.containers, part.project_name, care.services, "db indexes")
        results = _results(part, apply=apply)
        states |= {result.state for result in results}
        seen = care.look()
        done.append(
            (part.plan.part, care_json(part.plan, results, seen), care_text(part.plan, results, seen))
        )
    answer_by_host(common, done)
    if "failed" in states:
        return ActionError.exit_code
    return DiffersError.exit_code if "missing" in states else 0


def _results(part: Project, *, apply: bool) -> tuple[IndexResult, ...]:
    migration = part.migration()
    if not apply:
        return migration.look()
    with part.lock("db indexes"):
        return migration.run()
