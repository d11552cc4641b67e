"""A suite: choose the checks, look at what they need, judge, report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from toolkit.checking import Check, judge, needs_of
from toolkit.clock import Clock, Deadline
from toolkit.probes.observe import Probe, observe
from toolkit.report import Report

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
    began = clock.monotonic()
    seen = observe(needs_of(checks), probes, Deadline.after(budget_s, clock))
    findings = judge(checks, plan, seen)
    elapsed_s = clock.monotonic() - began
    return Report(
        str(suite), plan.environment, seen.taken_at, elapsed_s, findings, strict=strict, host=plan.part
    )
