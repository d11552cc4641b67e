"""`bench` over one host: its doors, the key that it lends, and who is busy meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.cli.engines import engine_api
from toolkit.cli.probing_trials import url_of
from toolkit.clock import SYSTEM_CLOCK
from toolkit.engine.wrk import Wrk
from toolkit.errors import BlockedError, Problem, UsageError
from toolkit.planning.images import PINS, local_ref
from toolkit.probes import kernel
from toolkit.probes.containers import Containers
from toolkit.probes.pressure import pressure_fact
from toolkit.probes.usage import Usage
from toolkit.report import Report
from toolkit.resources import resource_dir
from toolkit.routines import watch_parts
from toolkit.routines.bench import Bench
from toolkit.routines.images import build_images
from toolkit.routines.watch import beside
from toolkit.verdicts import percent
from toolkit.watched import busiest

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project
    from toolkit.routines.bench import Bounds

PERSONAS = ("speed-runner", "multi-tasker", "data-analyst")


def bench(part: Project) -> Report:
    """Return how this host of the stack stands to the targets of the profile's persona.

    Raises UsageError without one, BlockedError where the edge is not reached from here.
    """
    persona = _persona(part)
    if not url_of(part):
        step = "run it on the host that has the edge: --host"
        raise BlockedError(Problem("bench", "the edge is not reached from here", "", step))
    limit = part.settings.services.edge.rate_limit
    if limit.requests is not None:
        step = "--set services.edge.rate_limit.requests=null for another `up` lifts it"
        part.progress.note(
            f"each key, this one too, may make {limit.requests} requests in {limit.window:.0f} s; {step}"
        )
    began, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    whole = Bench(
        part.plan,
        url_of(part),
        part.runner,
        partial(_wrk, part),
        partial(_key, part),
        partial(_busy, part),
        part.progress,
        part.edge_trust,
    )
    findings = whole.run(persona)
    strict = part.settings.strict
    took_s = time.monotonic() - began
    return Report(
        f"bench-{persona}",
        part.plan.environment,
        started,
        took_s,
        findings,
        strict=strict,
        host=part.plan.part,
    )


def _persona(part: Project) -> str:
    persona = part.settings.persona
    if persona in PERSONAS:
        return persona
    what = (
        "no persona says what is to be measured" if persona is None else "of this persona nothing is measured"
    )
    step = f"toolkit bench --persona {PERSONAS[0]}; known: {', '.join(PERSONAS)}"
    raise UsageError(Problem("bench", what, persona or "", step))


def _wrk(part: Project) -> Wrk:
    # There is no official image of it: it is built here, once, whatever the others come from.
    build_images(part.runner, resource_dir("compose") / "images", ["wrk"], part.progress.note, rebuild=False)
    return Wrk(part.runner, local_ref(PINS["wrk"]), part.engine.container("edge"))


@contextmanager
def _key(part: Project) -> Iterator[str]:
    """Lend a key of its own, which counts against no user's limit, and is taken back at the end."""
    name = f"bench-{token_hex(4)}"
    with part.lock("bench"):
        made, refusal = part.keys().add(name)
    try:
        if refusal:
            raise BlockedError(Problem("edge", "its keys cannot be changed now", refusal, "toolkit up"))
        yield made.file.read_text(encoding="ascii")
    finally:
        with part.lock("bench"):
            part.keys().revoke(name)


@contextmanager
def _busy(part: Project) -> Iterator[Bounds]:
    """Look at processors while something is measured; what is yielded tells who was busiest so far."""
    api, project = engine_api(part.engine_url), part.plan.project
    cpus = max(1, int(part.plan.hosts[0].cpus))

    use = Usage(api, cpus, far=part.far).look
    parts = {"containers": watch_parts.containers(project, partial(Containers(api).of_project, project), use)}
    if not part.far:
        parts["machine"] = watch_parts.machine(kernel.host_fact, lambda: pressure_fact().cpu_percent)
    with beside(parts, SYSTEM_CLOCK) as recorder:
        yield lambda: tuple(
            f"{name}: {percent(share)} of its processors" for name, share in busiest(recorder.series())
        )
