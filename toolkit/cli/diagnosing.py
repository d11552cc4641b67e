"""The verb that finds out what is wrong with a stack, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from collections.abc import Collection

    from toolkit.checking import Check
    from toolkit.recorded import Look

_SAVED_MODE = 0o600
_Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...",
        autocompletion=completion.checks,
        help="Only these checks: an id, or a pattern such as 'gpu.*'. `toolkit checks list` names them.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    verb(app, reports=True)(diagnose)


def diagnose(
    common: Common,
    only: _Ids = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", autocompletion=completion.checks, help="Not these checks. Repeatable."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Also keep what was seen, for --replay elsewhere."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="Judge what --save has kept, on any machine: without an engine, without a profile.",
        ),
    ] = None,
) -> int:
    """Find out what is wrong with the stack, and why: causes first, what they lead to below them.

    Looks at containers, logs, kernel, cards, disks, endpoints and the servers' own figures, all at once and within ten
    seconds; nothing is touched. Exit 1 where something is wrong, 3 where something could not be looked at.

    Example: toolkit diagnose --save look.json
    """
    from toolkit.checking import Suite
    from toolkit.checks import chosen
    from toolkit.cli.reporting import answer_reports
    from toolkit.routines.examine import report_of

    checks = chosen(Suite.DIAGNOSE, only or (), skip or ())
    looks = _replayed(replay) if replay is not None else _looked(common, checks)
    if save is not None:
        _save(save, looks)
    # Another machine's, or some of the checks, is no run that later ones are compared with.
    whole = replay is None and not only and not skip
    return answer_reports(common, [report_of(look, checks) for look in looks], keep=whole)


def _looked(common: Common, checks: Collection[Check]) -> tuple[Look, ...]:
    from toolkit.checking import Suite
    from toolkit.cli.looking import look_for
    from toolkit.cli.wiring import Project

    return tuple(look_for(part, Suite.DIAGNOSE, checks).as_recorded() for part in Project(common).reached())


def _replayed(file: Path) -> tuple[Look, ...]:
    from toolkit import recorded
    from toolkit.errors import Problem, UsageError

    try:
        return recorded.read(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Problem(f"--replay {file}", "it cannot be read", str(error))) from error


def _save(file: Path, looks: tuple[Look, ...]) -> None:
    from toolkit import __version__, recorded
    from toolkit.errors import ActionError, Problem
    from toolkit.state.files import replace

    try:
        replace(file, recorded.write(looks, __version__) + "\n", _SAVED_MODE)
    except OSError as error:
        step = "make room or the directory writable, or choose another file"
        raise ActionError(Problem(f"--save {file}", "it cannot be written", str(error), step)) from error
