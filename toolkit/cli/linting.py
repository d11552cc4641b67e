"""Linting of all hosts of a profile, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.errors import ActionError, UsageError

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.cli.wiring import Project
    from toolkit.routines.lint import Linted

# The first import of vLLM from a cold disk takes half of it.
_BUDGET_S = 120


def lint_parts(parts: Sequence[Project], *, static: bool) -> tuple[Linted, ...]:
    """Return what is to be said of each host's files and flags; `static` asks no program.

    Raises UsageError with everything that is refused.
    """
    from toolkit.routines.lint import static_lint

    found = [one for part in parts for one in static_lint(part.plan, part.bundle)]
    if not found and not static:
        found = [one for part in parts for one in _asked(part)]
    failed = [one.problem() for one in found if one.status == "failed"]
    if failed:
        raise UsageError(*failed)
    return tuple(found)


def _asked(part: Project) -> tuple[Linted, ...]:
    from toolkit.clock import Deadline
    from toolkit.routines.image_contexts import cache_directory
    from toolkit.routines.lint import lint
    from toolkit.routines.lint_jobs import Models, jobs
    from toolkit.routines.machine import hub_cache

    models = Models(part.settings, part.directory, hub_cache(part.settings.model_cache.source))
    questions = jobs(part.plan, part.bundle, models)
    with part.progress.phase("each program judges its files and flags"):
        return lint(
            part.plan,
            questions,
            part.runner,
            Deadline.after(_BUDGET_S),
            memory=cache_directory() / "lint",
            progress=part.progress,
        )


def told(common: Common, linted: Sequence[Linted], *, strict: bool) -> str:
    """Tell what could not be linted, and return words for the answer. Raises ActionError with it where `strict`."""
    from toolkit.cli.writing import note

    passed = [one for one in linted if one.status == "passed"]
    unseen = _together([one for one in linted if one.status == "not linted"])
    if unseen and strict:
        raise ActionError(*(one.problem() for one in unseen))
    for one in unseen:
        note(common, "note: " + one.problem().as_text())
    for one in linted:
        if one.said and one.status in {"passed", "no linter"}:
            note(common, f"note: {one.said}")
    if not passed:
        return ""
    known = sum(len(one.services) for one in passed if one.remembered)
    count = sum(len(one.services) for one in passed)
    return f"; {count} linted" + (f" ({known} as before)" if known else "")


def _together(unseen: Sequence[Linted]) -> list[Linted]:
    """Return one for each reason: an engine that is away is one matter, not eight."""
    from toolkit.values import replace

    found: dict[tuple[str, str], Linted] = {}
    for one in unseen:
        before = found.get((one.said, one.next_step))
        services = one.services if before is None else (*before.services, *one.services)
        found[one.said, one.next_step] = replace(one, services=services)
    return list(found.values())
