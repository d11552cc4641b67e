"""`diagnose --fix`: the first finding that a change of the profile cures, put together with its doors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from toolkit.checking import Check, Finding, Status, Suite, judge
from toolkit.cli.looking import look_for
from toolkit.cli.wiring import Project
from toolkit.cli.writing import note
from toolkit.errors import Problem, UsageError
from toolkit.findings import Change
from toolkit.profile.edit import word_of
from toolkit.profile.inputs import USER_FILE
from toolkit.routines.cure import Cure, Outcome
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.report import Report

_BAD = frozenset({Status.WARN, Status.FAIL})


def refuse_silent(yes: bool) -> None:
    """Raise UsageError where nobody could be asked, and nobody has agreed beforehand."""
    if not yes and not sys.stdin.isatty():
        step = "with --yes the shown change is made without asking"
        raise UsageError(
            Problem("--fix", "it asks before it changes anything, and here is no terminal", "", step)
        )


def curable(reports: Sequence[Report]) -> tuple[str, Finding] | None:
    """Return the host and the first finding that a change of the profile may cure, None where there is none."""
    return next(
        ((r.host, one) for r in reports for one in r.findings if one.status in _BAD and one.changes), None
    )


def cure(common: Common, host: str, finding: Finding, check: Check, *, yes: bool) -> Outcome:
    """Cure `finding`; what happens is told on standard error. Raises ToolkitError."""
    common = replace(common, host=host or common.host)
    note(common, f"{finding.key}: {finding.observed}")
    return Cure(
        profile=Project(common).directory / USER_FILE,
        valid=lambda changes: _valid(common, changes),
        ask=lambda diff: _ask(diff, yes=yes),
        deploy=lambda: _deploy(common),
        look=lambda: _look(common, check),
        tell=lambda text: note(common, text),
    ).cure(finding)


def _valid(common: Common, changes: Sequence[Change]) -> None:
    sets = [f"{change.key}={word_of(change.value)}" for change in changes]
    _ = Project(replace(common, sets=[*(common.sets or ()), *sets])).plan


def _ask(diff: str, *, yes: bool) -> bool:
    typer.echo(diff, err=True)
    return yes or typer.confirm("Make this change and bring it up?", err=True)


def _deploy(common: Common) -> None:
    Project(common).up(wait_for_models=True)


def _look(common: Common, check: Check) -> Sequence[Finding]:
    look = look_for(Project(common), Suite.DIAGNOSE, [check]).as_recorded()
    return judge([check], look.plan, look.seen)
