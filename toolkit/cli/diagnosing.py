"""The verb that finds out what is wrong with a stack, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from toolkit.checking import Check
    from toolkit.recorded import Look
    from toolkit.report import Report

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


def diagnose(  # noqa: PLR0913 - its options, one by one
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
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Cure the first finding that a change of toolkit.yaml cures: shows the change, asks, brings it up, "
            "looks again, and takes it back where it did not help.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --fix: make the shown change unasked.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Also write a .tar.gz for whoever helps: report, look, rendered files, logs; "
            "no secrets, prompts or addresses.",
        ),
    ] = None,
) -> int:
    """Find out what is wrong with the stack, and why: causes first, what they lead to below them.

    Looks at containers, logs, kernel, cards, disks, endpoints and the servers' own figures, all at once and within ten
    seconds; nothing is touched. Exit 1 where something is wrong, 3 where something could not be looked at.

    Example: toolkit diagnose --bundle evidence.tar.gz
    """
    from toolkit.checking import Suite
    from toolkit.checks import chosen
    from toolkit.cli import keeping
    from toolkit.cli.reporting import answer_reports
    from toolkit.routines.examine import report_of

    _refuse_together(replay, fix=fix, bundle=bundle)
    checks = chosen(Suite.DIAGNOSE, only or (), skip or ())
    looks = keeping.replayed(replay) if replay is not None else _looked(common, checks)
    if fix and _fixed(common, [report_of(look, checks) for look in looks], checks, yes=yes):
        looks = _looked(common, checks)
    reports = [report_of(look, checks) for look in looks]
    if save is not None:
        keeping.save(save, looks)
    if bundle is not None:
        keeping.bundle(common, bundle, looks, reports)
    # Another machine's, or some of the checks, is no run that later ones are compared with. What is saved is answered
    # as every replay of it, which knows nothing of earlier runs.
    whole = replay is None and save is None and not only and not skip
    return answer_reports(common, reports, keep=whole)


def _refuse_together(replay: Path | None, *, fix: bool, bundle: Path | None) -> None:
    from toolkit.errors import Problem, UsageError

    if replay is not None and (fix or bundle):
        what = f"--replay judges what was seen elsewhere: there is nothing to {'fix' if fix else 'bundle'}"
        raise UsageError(Problem("command line", what, "", "leave one of the two out"))


def _fixed(common: Common, reports: Sequence[Report], checks: Collection[Check], *, yes: bool) -> bool:
    """Cure what can be cured; return whether anything was tried, so that what was seen is no longer true."""
    from toolkit.cli import curing
    from toolkit.cli.writing import note

    found = curing.curable(reports)
    if found is None:
        note(common, "--fix: no finding that a change of toolkit.yaml cures; what to do stands under `next`")
        return False
    host, finding = found
    curing.refuse_silent(yes)
    check = next(one for one in checks if one.id == finding.check)
    outcome = curing.cure(common, host, finding, check, yes=yes)
    note(common, f"--fix: {'cured: ' if outcome.helped else ''}{outcome.why}")
    return True


def _looked(common: Common, checks: Collection[Check]) -> tuple[Look, ...]:
    from toolkit.checking import Suite
    from toolkit.cli.looking import look_for
    from toolkit.cli.wiring import Project

    return tuple(look_for(part, Suite.DIAGNOSE, checks).as_recorded() for part in Project(common).reached())
