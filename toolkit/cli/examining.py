"""The verbs that examine: preflight, and what the checks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.checking import Check

checks_app = typer.Typer(
    name="checks", no_args_is_help=True, help="What preflight and the other examinations look at, and why."
)


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app, reports=True)(preflight)
    app.add_typer(checks_app)


def preflight(common: Common) -> int:
    """Look at everything that could stand in the way of `up`, within ten seconds; nothing is touched.

    Exit 1 where something does, 3 where something could not be looked at; warnings alone are 0, with --strict 1.
    With --verbose also what is fine. `toolkit checks explain ID` says what a check asks.

    Example: toolkit preflight --env production --output json --report preflight.html
    """
    from toolkit.checking import Suite
    from toolkit.cli.reporting import answer_reports
    from toolkit.cli.wiring import Project

    return answer_reports(common, [part.examine(Suite.PREFLIGHT) for part in Project(common).reached()])


@verb(checks_app, "list")
def list_(common: Common) -> None:
    """List the checks with the examinations that ask them.

    Example: toolkit checks list
    """
    from toolkit.checks import all_checks
    from toolkit.cli.writing import answer

    found = all_checks()
    width = max(len(check.id) for check in found)
    answer(
        common,
        {"checks": [_as_json(check) for check in found]},
        "\n".join(f"{check.id:{width}}  {check.title} ({', '.join(_suites(check))})" for check in found),
    )


@verb(checks_app)
def explain(
    common: Common,
    check_id: Annotated[
        str, typer.Argument(metavar="ID", autocompletion=completion.checks, help="Such as port.free.")
    ],
) -> None:
    """Say what a check asks, what it has to see for that, and how it judges.

    Example: toolkit checks explain port.free
    """
    from toolkit.checks import named
    from toolkit.cli.writing import answer

    check = named(check_id)
    body = _as_json(check)
    text = [f"{check.id}: {check.title}", "", check.explanation, ""]
    text += [f"looks at: {', '.join(body['needs'])}", f"asked by: {', '.join(body['suites'])}"]
    answer(common, body, "\n".join(text))


def _as_json(check: Check) -> dict[str, Any]:
    needs = sorted(str(need) for need in check.needs)
    return {
        "id": check.id,
        "title": check.title,
        "explanation": check.explanation,
        "needs": needs,
        "suites": _suites(check),
    }


def _suites(check: Check) -> list[str]:
    return sorted(str(suite) for suite in check.suites)
