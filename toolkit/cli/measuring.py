"""The verbs that measure: smoke-test, health-check, bench."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.report import Report

Slo = Annotated[
    list[str] | None,
    typer.Option(
        "--slo",
        metavar="KEY=VALUE",
        help="Another target for this run, e.g. light_p95=80ms; the keys are those of `targets:`. Repeatable.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app, "smoke-test", reports=True)(smoke_test)
    verb(app, "health-check", reports=True)(health_check)
    verb(app, reports=True)(bench)


def smoke_test(common: Common, slo: Slo = None) -> int:
    """Try everything that a user can do, once, each with its time and target; all of it is undone.

    Models, chat, streams, embeddings, cache, stand-ins, refusals, data services, metrics: within 15 seconds. Exit 1
    where something does not do what it should or takes too long, 3 where it could not be tried.

    Example: toolkit smoke-test --slo first_token=300ms
    """
    from toolkit.cli.probing_trials import smoke_test as smoke_test_of
    from toolkit.cli.reporting import answer_reports
    from toolkit.cli.slo import with_slo
    from toolkit.cli.wiring import Project

    project = Project(with_slo(common, slo))
    return answer_reports(common, [smoke_test_of(part) for part in project.reached()])


def health_check(
    common: Common,
    duration: Annotated[
        str, typer.Option(metavar="TIME", help="How long to watch, e.g. 60s or 5m; 5 seconds at least.")
    ] = "60s",
    slo: Slo = None,
) -> int:
    """Watch the stack for a minute under a light load of its own, beside the users', and judge it by its targets.

    Latency, errors, tokens per second, memory, processors, cards, restarts, queues, cache hits, looked at every second;
    what grows fails even if it is still small. Exit 1 where a target is missed, 3 where something was not measured.

    Example: toolkit health-check --duration 5m --slo light_p95=80ms --report health.xml
    """
    from toolkit.cli.reporting import answer_reports
    from toolkit.cli.slo import duration_s, with_slo
    from toolkit.cli.watching import watch_side_by_side
    from toolkit.cli.wiring import Project

    seconds = duration_s(duration)
    parts = Project(with_slo(common, slo)).reached()
    reports: Sequence[Report] = watch_side_by_side(common, parts, seconds)
    return answer_reports(common, reports)


def bench(common: Common, slo: Slo = None) -> int:
    """Measure on the running stack what a persona promises, with a key and data of its own that are gone afterwards.

    speed-runner: latency and cache hits; multi-tasker: users and requests per second; data-analyst: bulk insert,
    aggregation, report. It takes a few minutes and all that the stack can give. Exit 1 where a target is missed;
    then it says who was busiest.

    Example: toolkit bench --persona multi-tasker --slo requests_per_s=3000.0
    """
    from toolkit.cli.benching import bench as bench_of
    from toolkit.cli.reporting import answer_reports
    from toolkit.cli.slo import with_slo
    from toolkit.cli.wiring import Project

    return answer_reports(common, [bench_of(part) for part in Project(with_slo(common, slo)).reached()])
