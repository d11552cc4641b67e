"""The verbs about reports that were kept: list, show, compare; and how their JSON is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.report import Report
    from toolkit.state.history import Entry, History

app = typer.Typer(
    name="report",
    no_args_is_help=True,
    help="Reports of earlier runs of diagnose, smoke-test and health-check: list, show, compare.",
)
_ID = "Its id, the beginning of it (202611 is the first of that month), or a suite for its last one."


@verb(app, "list")
def list_reports(common: Common) -> None:
    """List the reports that are kept, the newest last: the last 60 of each suite and host.

    Example: toolkit report list --env production
    """
    from functools import partial

    from toolkit.cli.writing import answer, note
    from toolkit.state.history import loaded
    from toolkit.writers.json import report_json
    from toolkit.writers.text import counted

    rows, lines = [], []
    for entry in _history(common).all():
        for report in loaded([entry], partial(note, common)):
            body = report_json(report)
            rows.append({"id": entry.id, **{name: body[name] for name in _LISTED}, "host": report.host})
            lines.append(f"{entry.id}  {report.verdict:5}  {counted(report)}  ({report.elapsed_s:.1f} s)")
    answer(common, {"reports": rows}, "\n".join(lines) or "no reports are kept yet")


_LISTED = ("suite", "environment", "started", "elapsed_s", "verdict", "exit_code", "metrics")


@verb(app, reports=True)
def show(
    common: Common,
    report: Annotated[
        str,
        typer.Argument(metavar="[ID]", autocompletion=completion.reports, help=_ID + " By default the last."),
    ] = "",
) -> None:
    """Show a report as it was, with what changed since the run before it.

    Example: toolkit report show health-check --report page.html
    """
    from toolkit.cli.reporting import compared_with, print_reports

    kept = _history(common)
    entry = kept.named(report) if report else _last(kept)
    print_reports(common, [compared_with(entry.load(), _up_to(common, kept, entry)[:-1])])


@verb(app, reports=True)
def compare(
    common: Common,
    before: Annotated[
        str, typer.Argument(metavar="[BEFORE]", autocompletion=completion.reports, help=_ID)
    ] = "",
    after: Annotated[
        str,
        typer.Argument(
            metavar="[AFTER]", autocompletion=completion.reports, help=_ID + " By default the last."
        ),
    ] = "",
) -> int:
    """Say what changed from one report to another, by default from the last but one; exit 4 where something is worse.

    A figure is called better or worse only where it lies outside of what the runs up to BEFORE leave to chance; with
    fewer than eight of them it says so.

    Example: toolkit report compare 20261130T040012 health-check
    """
    from toolkit.cli.reporting import compared_with, print_reports
    from toolkit.comparison import worse
    from toolkit.errors import DiffersError, Problem, UsageError

    kept = _history(common)
    new = kept.named(after) if after else _last(kept, kept.named(before) if before else None)
    earlier = [entry for entry in kept.of(new.suite, new.host) if entry.order < new.order]
    if not before and not earlier:
        step = f"run `toolkit {new.suite}` once more"
        raise UsageError(Problem("BEFORE", f"{new.id} is the only one of its suite", "", step))
    old = kept.named(before, new) if before else earlier[-1]
    compared = compared_with(new.load(), _up_to(common, kept, old))
    print_reports(common, [compared])
    return DiffersError.exit_code if compared.changes and worse(compared.changes) else 0


@verb(app)
def schema(common: Common) -> None:
    """Print the JSON Schema of what `--output json` answers with.

    Example: toolkit report schema > report.schema.json
    """
    import json

    from toolkit.cli.writing import answer
    from toolkit.writers.json import schema as report_schema

    body = report_schema()
    answer(common, body, json.dumps(body, indent=2))


def _history(common: Common) -> History:
    from toolkit.cli.reporting import history
    from toolkit.cli.wiring import Project

    return history(common, Project(common).environment)


def _last(kept: History, like: Entry | None = None) -> Entry:
    """Return the newest report, of the suite and host of `like` where that is given. Raises UsageError."""
    from toolkit.errors import Problem, UsageError

    entries = kept.of(like.suite, like.host) if like else kept.all()
    if not entries:
        step = "`toolkit health-check`, `smoke-test` and `diagnose` leave one each time"
        raise UsageError(Problem(str(kept.directory), "no reports are kept yet", "", step))
    return entries[-1]


def _up_to(common: Common, kept: History, entry: Entry) -> tuple[Report, ...]:
    """Return the runs of that suite and host that tell what chance does: up to `entry`, itself the last."""
    from functools import partial

    from toolkit.cli.writing import note
    from toolkit.state.history import COMPARED, loaded

    runs = [one for one in kept.of(entry.suite, entry.host) if one.order <= entry.order]
    return loaded(runs[-COMPARED:], partial(note, common))
