"""Probes of what services tell of themselves: answers, figures and alerts; one that does not run is not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from toolkit.cli.running_now import for_program
from toolkit.engine.tellings import MODEL_PATHS, ModelAnswers
from toolkit.errors import EngineError, Problem
from toolkit.facts import EndpointFact
from toolkit.probes.http import Answer
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.cli.running_now import RunningNow
    from toolkit.clock import Deadline
    from toolkit.facts import AlertFact, FiguresFact

_EDGE_PATH = "/healthz"
_EDGE_S = 5.0
_REDIS_USER = "app"
_REDIS_SECRET = "redis-app-password"  # noqa: S105 - the name of its file


def _endpoints(now: RunningNow, deadline: Deadline) -> tuple[EndpointFact, ...]:
    found: list[EndpointFact] = []
    for service, answers in now.models(deadline).items():
        if isinstance(answers, ModelAnswers):
            found += answers.endpoints
        else:
            found.append(EndpointFact(service, MODEL_PATHS[0], 0, 0.0, refusal=_reason(answers)))
    return (*_edge_endpoint(now, deadline), *found)


def _edge_endpoint(now: RunningNow, deadline: Deadline) -> tuple[EndpointFact, ...]:
    edge = now.place.edge()
    if edge is None or not now.runs("edge"):
        return ()
    said = edge.get(_EDGE_PATH, deadline.within(_EDGE_S))
    if isinstance(said, Answer):
        return (
            EndpointFact("edge", _EDGE_PATH, said.status, round(said.elapsed_s, 3), said.text.strip()[:300]),
        )
    return (
        EndpointFact("edge", _EDGE_PATH, said.status or 0, round(said.elapsed_s, 3), refusal=said.reason),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, EngineError):
        return "; ".join(problem.got or problem.what for problem in error.problems)
    return str(error)


def _model_metrics(now: RunningNow, deadline: Deadline) -> tuple[FiguresFact, ...]:
    told = [one for one in now.models(deadline).values() if isinstance(one, ModelAnswers)]
    return tuple(one.metrics for one in told if one.metrics is not None)


def _edge_stats(now: RunningNow, deadline: Deadline) -> tuple[FiguresFact, ...]:
    return (now.tellings.edge(for_program(deadline)),) if now.runs("edge") else ()


def _redis(now: RunningNow, deadline: Deadline) -> tuple[FiguresFact, ...]:
    if not now.runs("redis") or now.place.secrets is None:
        return ()
    try:
        password = (now.place.secrets / _REDIS_SECRET).read_text(encoding="ascii")
    except OSError as error:
        step = "run as root, or as the user who brought the stack up"
        raise EngineError(Problem("redis", "its password cannot be read", str(error), step)) from error
    return (now.tellings.redis(_REDIS_USER, password, for_program(deadline)),)


def _mariadb(now: RunningNow, deadline: Deadline) -> tuple[FiguresFact, ...]:
    return (now.tellings.mariadb(for_program(deadline)),) if now.runs("mariadb") else ()


def _postgresql(now: RunningNow, deadline: Deadline) -> tuple[FiguresFact, ...]:
    return (now.tellings.postgresql(for_program(deadline)),) if now.runs("vector-db") else ()


def _alerts(now: RunningNow, deadline: Deadline) -> tuple[AlertFact, ...]:
    return now.tellings.alerts(for_program(deadline)) if now.runs("prometheus") else ()


LOOKS: Mapping[Need, Callable[[RunningNow, Deadline], object]] = {
    Need.ENDPOINTS: _endpoints,
    Need.MODEL_METRICS: _model_metrics,
    Need.EDGE_STATS: _edge_stats,
    Need.REDIS: _redis,
    Need.MARIADB: _mariadb,
    Need.POSTGRESQL: _postgresql,
    Need.ALERTS: _alerts,
}
