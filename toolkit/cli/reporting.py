"""What a verb that examines answers: its reports on standard output, in files, and in the log of a CI job."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli.report_files import formats_of, write_file
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.report import Report
    from toolkit.state.history import History

_NEVER_KEPT = "preflight"
Writer = Callable[[Sequence["Report"]], str]


def answer_reports(common: Common, reports: Sequence[Report], *, keep: bool = True) -> int:
    """Print the reports as --output says, write the files of --report, and return the exit code of all together.

    With `keep` each is compared with the run before, and kept in the state for the next one; never a preflight, which
    comes before there is a state. Raises ActionError where a file cannot be written; the answer is printed by then.
    """
    from toolkit.report import worst_exit_code

    compared = [_compared_and_kept(common, report) for report in reports] if keep else reports
    print_reports(common, compared)
    return worst_exit_code(reports)


def print_reports(common: Common, reports: Sequence[Report]) -> None:
    """Print the reports, mark them in the log of a CI job, and write the files. Raises ActionError."""
    from toolkit.writers.annotations import marks

    typer.echo(writer(common.output, verbose=common.verbose)(reports))
    if lines := marks(reports, os.environ):
        typer.echo(lines, err=True)
    for path, name in formats_of(common.report_files or ()):
        write_file(path, writer(name)(reports) + "\n")


def history(common: Common, environment: str) -> History:
    """Return where the reports of an environment are kept."""
    from toolkit.state.directory import StateDirectory
    from toolkit.state.history import History

    return History(StateDirectory(common.project_dir.resolve(), environment).reports)


def compared_with(report: Report, before: Sequence[Report]) -> Report:
    """Return `report` with what changed since the last of `before`; all of them say what chance does."""
    from toolkit.comparison import compare

    return replace(report, changes=compare(before[-1], report, before[:-1])) if before else report


def _compared_and_kept(common: Common, report: Report) -> Report:
    from toolkit.cli.writing import note
    from toolkit.state.history import COMPARED, loaded

    kept = history(common, report.environment)
    # Where no `up` has ever been, nothing is left behind.
    if report.suite == _NEVER_KEPT or not kept.directory.parent.is_dir():
        return report
    try:
        before = loaded(kept.of(report.suite, report.host)[-COMPARED:], partial(note, common))
        kept.keep(report)
    except OSError as error:
        note(common, f"warning: the report is not kept: {error}")
        return report
    return compared_with(report, before)


def writer(name: str, *, verbose: bool = False) -> Writer:
    """Return the function that writes reports in that format: text, json, junit, markdown or html.

    With `verbose` the text tells what is fine as well; the others always do.
    """
    if name == "text":
        from toolkit.writers import text

        return partial(text.write, verbose=verbose)
    module: Any = import_module(f"toolkit.writers.{name}")
    return module.write  # type: ignore[no-any-return]
