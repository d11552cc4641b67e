"""A suite: choose the checks, look at what they need, judge, report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from toolkit.checking import Check, judge, needs_of
from toolkit.clock import Clock, Deadline
from toolkit.probes.observe import Probe, observe
from toolkit.recorded import Look
from toolkit.report import Report
from toolkit.watched import figures

if TYPE_CHECKING:
    from toolkit.checking import Suite
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Need


def examine(
    suite: Suite,
    checks: Collection[Check],
    plan: Plan,
    probes: Mapping[Need, Probe],
    *,
    budget_s: float,
    clock: Clock,
    strict: bool,
) -> Report:
    """Return what `checks` find on the host of `plan`, having looked for `budget_s` at most."""
    seen = look(suite, checks, plan, probes, budget_s=budget_s, clock=clock, strict=strict)
    return report_of(seen, checks)


def look(
    suite: Suite,
    checks: Collection[Check],
    plan: Plan,
    probes: Mapping[Need, Probe],
    *,
    budget_s: float,
    clock: Clock,
    strict: bool,
) -> Look:
    """Return what is seen of the host for `checks`, having looked for `budget_s` at most."""
    began = clock.monotonic()
    seen = observe(needs_of(checks), probes, Deadline.after(budget_s, clock))
    return Look(str(suite), clock.monotonic() - began, strict, plan, seen)


def report_of(look: Look, checks: Collection[Check]) -> Report:
    """Return what `checks` make of a look, whoever looked and when."""
    plan = look.plan
    return Report(
        look.suite,
        plan.environment,
        look.seen.taken_at,
        look.elapsed_s,
        judge(checks, plan, look.seen),
        figures(look.seen),
        strict=look.strict,
        series=look.seen.series if isinstance(look.seen.series, tuple) else (),
        host=plan.part,
    )
