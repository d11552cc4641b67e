"""Targets and times as they are given on the command line of the verbs that measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.cli.options import Common

_SHORTEST_S = 5.0


def with_slo(common: Common, slo: Sequence[str] | None) -> Common:
    """Return the options with `--slo KEY=VALUE` as values of the profile. Raises UsageError for an unknown key."""
    given = tuple(slo or ())
    problems = [problem for one in given if (problem := _problem(one)) is not None]
    if problems:
        raise UsageError(*problems)
    return replace(common, sets=[*(common.sets or ()), *(f"targets.{one}" for one in given)])


def _problem(given: str) -> Problem | None:
    from toolkit.profile.nearest import nearest
    from toolkit.settings.targets import Targets

    key, equals, _ = given.partition("=")
    known = sorted(Targets.model_fields)
    if not equals:
        return Problem(f"--slo {given}", "a target needs its value", "", "such as --slo light_p95=80ms")
    if key in known:
        return None
    close = nearest(key, known)
    step = f"did you mean `{close}`?" if close else f"known: {', '.join(known)}"
    return Problem(f"--slo {given}", f"unknown target `{key}`", "", step)


def duration_s(text: str) -> float:
    """Return a length of time such as `60s` in seconds; a bare number is seconds. Raises UsageError."""
    from toolkit.units import parse_seconds

    where = f"--duration {text}"
    try:
        seconds = float(text) if text.replace(".", "", 1).isdigit() else parse_seconds(text)
    except ValueError as error:
        raise UsageError(
            Problem(where, "this is no length of time", str(error), "such as 60s or 5m")
        ) from error
    if seconds < _SHORTEST_S:
        least = f"at least {_SHORTEST_S:.0f}s: below that no percentile means anything"
        raise UsageError(Problem(where, "this is too short to watch anything", "", least))
    return seconds
