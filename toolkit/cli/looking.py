"""One host of a project looked at: which checks, as much of its plan as counts, and the doors to ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from toolkit.cli.place import place_of
from toolkit.cli.probing import probes_of
from toolkit.clock import SYSTEM_CLOCK
from toolkit.routines.examine import look, report_of
from toolkit.routines.preflight import BUDGET_S
from toolkit.values import replace

# Reading the profile and judging have their part of the ten seconds that a person is asked to wait.
LOOK_S = BUDGET_S - 2.0

if TYPE_CHECKING:
    from toolkit.checking import Check, Suite
    from toolkit.cli.wiring import Project
    from toolkit.probes.observe import Probe
    from toolkit.recorded import Look
    from toolkit.report import Report
    from toolkit.snapshot import Need


def examine(
    part: Project,
    suite: Suite,
    services: Collection[str] | None = None,
    *,
    more: Mapping[Need, Probe] | None = None,
    budget_s: float = LOOK_S,
) -> Report:
    """Look at the host and judge what is seen; with `services` as if the plan had no others on it.

    `more` are probes of what only this suite looks at; all together have `budget_s`.
    """
    from toolkit.checks import of_suite

    checks = of_suite(suite)
    return report_of(look_for(part, suite, checks, services, more=more, budget_s=budget_s), checks)


def look_for(
    part: Project,
    suite: Suite,
    checks: Collection[Check],
    services: Collection[str] | None = None,
    *,
    more: Mapping[Need, Probe] | None = None,
    budget_s: float = LOOK_S,
) -> Look:
    """Look at the host for `checks`, as `examine` does, and leave the judging to others."""
    named = part.plan.services if services is None else (s for s in part.plan.services if s.name in services)
    plan = replace(part.plan, services=tuple(named))
    return look(
        suite,
        checks,
        plan,
        {**probes_of(place_of(part, plan)), **(more or {})},
        budget_s=budget_s,
        clock=SYSTEM_CLOCK,
        strict=part.settings.strict,
    )
