"""What a verb that examines answers: its reports on standard output, in files, and in the log of a CI job."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli.report_files import formats_of, write_file

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.report import Report

Writer = Callable[[Sequence["Report"]], str]


def answer_reports(common: Common, reports: Sequence[Report]) -> int:
    """Print the reports as --output says, write the files of --report, and return the exit code of all together.

    Raises ActionError where a file cannot be written; the answer is printed by then.
    """
    from toolkit.report import worst_exit_code
    from toolkit.writers.annotations import marks

    typer.echo(writer(common.output, verbose=common.verbose)(reports))
    if lines := marks(reports, os.environ):
        typer.echo(lines, err=True)
    for path, name in formats_of(common.report_files or ()):
        write_file(path, writer(name)(reports) + "\n")
    return worst_exit_code(reports)


def writer(name: str, *, verbose: bool = False) -> Writer:
    """Return the function that writes reports in that format: text, json, junit, markdown or html.

    With `verbose` the text tells what is fine as well; the others always do.
    """
    if name == "text":
        from toolkit.writers import text

        return partial(text.write, verbose=verbose)
    module: Any = import_module(f"toolkit.writers.{name}")
    return module.write  # type: ignore[no-any-return]
