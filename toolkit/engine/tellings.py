"""Asks services inside their containers for their own figures: one command each, nothing secret in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from toolkit.engine import figures
from toolkit.engine.argv import execute
from toolkit.engine.databases import CLIENTS
from toolkit.errors import EngineError, Problem
from toolkit.facts import AlertFact, EndpointFact, FiguresFact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner

MODEL_PATHS = ("/v1/models", "/health", "/metrics")
# Three that hang one after the other still leave time to say so.
_PATH_S = 2.0
_MARK = re.compile(r"\n?@@(\d{3}) ([\d.]+) (\S+) ?(.*)\n?")
_EDGE = "exec 3<>/dev/tcp/127.0.0.1/9999 && echo 'show info;show stat -1 7 -1' >&3 && cat <&3"
_ALERTS = "http://127.0.0.1:9090/api/v1/alerts"
_MARIADB_SQL = "SHOW GLOBAL STATUS; SHOW GLOBAL VARIABLES;"
_POSTGRESQL_SQL = """
SELECT e.key, e.value FROM pg_stat_database d, jsonb_each_text(to_jsonb(d)) e
 WHERE d.datname = current_database() AND e.value IS NOT NULL;
SELECT name, current_setting(name) FROM pg_settings WHERE name IN ('shared_buffers', 'work_mem', 'max_connections',
 'maintenance_work_mem', 'effective_cache_size', 'hnsw.ef_search', 'ivfflat.probes');
SELECT 'connections', count(*) FROM pg_stat_activity WHERE backend_type = 'client backend';
SELECT 'index/' || schemaname || '.' || relname || '.' || indexrelname || '/' || f.name, f.value
 FROM pg_stat_user_indexes i,
 LATERAL (VALUES ('scans', i.idx_scan), ('bytes', pg_relation_size(i.indexrelid))) f(name, value);
SELECT 'table/' || schemaname || '.' || relname || '/' || f.name, f.value FROM pg_stat_user_tables t,
 LATERAL (VALUES ('seq_scan', t.seq_scan), ('idx_scan', coalesce(t.idx_scan, 0)), ('rows', t.n_live_tup)) f(name, value)
;
"""


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """What one model server answered on each path, and the text of its metrics."""

    endpoints: tuple[EndpointFact, ...]
    metrics: FiguresFact | None


class Tellings:
    """The services of one project. Each call raises EngineError where the service gives no answer."""

    def __init__(self, runner: Runner, project: str) -> None:
        self._runner = runner
        self._project = project

    def model(self, service: str, deadline: Deadline) -> ModelAnswers:
        """Ask a model server for its models, its health and its metrics; that it does not answer is an answer."""
        out = r"\n@@%{http_code} %{time_total} %{url_effective} %{errormsg}\n"
        urls = (f"http://127.0.0.1:8000{path}" for path in MODEL_PATHS)
        said = self._said(
            service, ("curl", "-s", "-m", str(_PATH_S), "-w", out, *urls), deadline, failing=True
        )
        return model_answers(service, said)

    def edge(self, deadline: Deadline) -> FiguresFact:
        """Return what the edge counts."""
        return figures.haproxy_figures("edge", self._said("edge", ("bash", "-c", _EDGE), deadline))

    def redis(self, user: str, password: str, deadline: Deadline) -> FiguresFact:
        """Return `INFO`; the password goes the way of standard input."""
        command = ("redis-cli", "--no-auth-warning")
        said = self._said("redis", command, deadline, stdin=f"AUTH {user} {password}\nINFO\n")
        if "redis_version:" not in said:
            self._refuse("redis", said)
        return figures.redis_figures("redis", said)

    def mariadb(self, deadline: Deadline) -> FiguresFact:
        """Return status and variables."""
        return self._database("mariadb", _MARIADB_SQL, deadline)

    def postgresql(self, deadline: Deadline) -> FiguresFact:
        """Return what its statistics and settings say."""
        return self._database("vector-db", _POSTGRESQL_SQL, deadline)

    def alerts(self, deadline: Deadline) -> tuple[AlertFact, ...]:
        """Return the alerts of Prometheus."""
        said = self._said("prometheus", ("wget", "-q", "-T", "3", "-O", "-", _ALERTS), deadline)
        try:
            return figures.alert_facts(said)
        except ValueError:
            self._refuse("prometheus", said)

    def _database(self, service: str, sql: str, deadline: Deadline) -> FiguresFact:
        said = self._said(service, ("bash", "-c", CLIENTS[service]), deadline, stdin=sql)
        return figures.table_figures(service, [line.split("\t") for line in said.splitlines()])

    def _said(
        self,
        service: str,
        command: Sequence[str],
        deadline: Deadline,
        *,
        stdin: str | None = None,
        failing: bool = False,
    ) -> str:
        """Return what the command printed; with `failing` also where it ends with a code of its own."""
        call = execute(f"{self._project}-{service}-1", command)
        done = self._runner.run(call, stdin=stdin, deadline=deadline)
        if done.returncode != 0 and not (failing and done.stdout):
            self._refuse(service, done.stderr or done.stdout)
        return done.stdout

    def _refuse(self, service: str, said: str) -> NoReturn:
        step = f"see what it says: toolkit logs {service}"
        raise EngineError(
            Problem(service, "it does not tell its figures", said.strip()[-300:] or "no answer", step)
        )


def model_answers(service: str, said: str) -> ModelAnswers:
    """Return the answers in curl's output: each body, then a line with status, seconds, URL and error."""
    endpoints, metrics, at = [], None, 0
    for mark in _MARK.finditer(said):
        body, at = said[at : mark.start()], mark.end()
        status, path = int(mark[1]), "/" + mark[3].split("/", 3)[3]
        if path == "/metrics":
            metrics = figures.prometheus_figures(service, body) if status == 200 else None
            body = ""
        refusal = "" if status else mark[4] or "no answer"
        endpoints.append(EndpointFact(service, path, status, float(mark[2]), body.strip()[:300], refusal))
    return ModelAnswers(tuple(endpoints), metrics)
