"""Writes, reads and deletes in each data service as the applications' user; what is made is gone afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, NoReturn

from toolkit.clock import Deadline
from toolkit.engine.argv import execute
from toolkit.engine.databases import CLIENTS
from toolkit.errors import EngineError, Problem
from toolkit.facts import TrialFact
from toolkit.planning.trials import STORE, VECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.engine.runner import Runner
    from toolkit.planning.indexes import VectorIndexing

_PREFIX = "toolkit_trial_"
_TEXT = "written by a trial"
_CLEAN_UP_S = 2.0
# What a trial left that was killed in the middle goes with the next one.
_MARIADB = """\
SELECT GROUP_CONCAT(table_name) INTO @old FROM information_schema.tables WHERE table_schema = DATABASE()
AND table_name LIKE 'toolkit\\_trial\\_%' AND create_time < NOW() - INTERVAL 10 MINUTE;
EXECUTE IMMEDIATE IF(@old IS NULL, 'DO 0', CONCAT('DROP TABLE ', @old));
CREATE TABLE {name} (id INT PRIMARY KEY, said VARCHAR(64));
SET @a = SYSDATE(6); INSERT INTO {name} VALUES (1, '{text}');
SET @b = SYSDATE(6); SELECT said INTO @said FROM {name} WHERE id = 1;
SET @c = SYSDATE(6); DELETE FROM {name} WHERE id = 1; SELECT COUNT(*) INTO @rest FROM {name};
DROP TABLE {name};
SELECT @said, @rest, TIMESTAMPDIFF(MICROSECOND, @a, @b) / 1e6, TIMESTAMPDIFF(MICROSECOND, @b, @c) / 1e6;
"""
# One transaction that is never committed: nothing is left, however it ends.
_POSTGRESQL = """\
BEGIN; CREATE TABLE {name} (id int PRIMARY KEY, said text, place vector(3));
SELECT extract(epoch from clock_timestamp()) AS a \\gset
INSERT INTO {name} VALUES (1, '{text}', '[1,0,0]'), (2, 'another', '[0,1,0]');
SELECT extract(epoch from clock_timestamp()) AS b \\gset
SELECT said AS said FROM {name} WHERE id = 1 \\gset
SELECT extract(epoch from clock_timestamp()) AS c \\gset
CREATE INDEX ON {name} USING {index};
SELECT extract(epoch from clock_timestamp()) AS d \\gset
SELECT id AS near FROM {name} ORDER BY place {operator} '[0.9,0.1,0]' LIMIT 1 \\gset
SELECT extract(epoch from clock_timestamp()) AS e \\gset
DELETE FROM {name};
SELECT :'said', (SELECT count(*) FROM {name}), :b - :a, :c - :b, :'near', :e - :d; ROLLBACK;
"""
_OPERATORS = {
    "cosine": ("<=>", "vector_cosine_ops"),
    "l2": ("<->", "vector_l2_ops"),
    "ip": ("<#>", "vector_ip_ops"),
}
# The password file is the container's own; what was made is deleted whatever happens before.
_ELASTICSEARCH = """\
IFS= read -r name; p=$(cat "${ELASTIC_PASSWORD_FILE:-/dev/null}"); at=http://127.0.0.1:9200/$name
ask() { printf 'user = "elastic:%s"\\n' "$p" | curl -sS -K - -H 'content-type: application/json' -m 8 "$@"; }
trap 'ask -o /dev/null -X DELETE "$at"' EXIT
ask -o /dev/null -X PUT "$at/_doc/1?refresh=true" -d '{"said":"written by a trial"}'
ask -w '\\n%{time_total}\\n' "$at/_doc/1"
"""


@dataclass(frozen=True, slots=True)
class StoreTrials:
    """The data services of one project. Each trial returns a fact, also where it went wrong; or raises EngineError.

    `elapsed_s` is the time of the read inside the server: the way there, a program in its container, is not counted.
    """

    runner: Runner
    project: str
    redis_password: Callable[[], str]
    vectors: VectorIndexing | None = None

    def of(self, service: str) -> Callable[[Deadline], Sequence[TrialFact]] | None:
        """Return the trial of a service, None where it is no data service."""
        known: Mapping[str, Callable[[Deadline], Sequence[TrialFact]]] = {
            "mariadb": self.mariadb,
            "vector-db": self.vector_db,
            "redis": self.redis,
            "elasticsearch": self.elasticsearch,
        }
        return known.get(service)

    def mariadb(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        """Use a table of its own."""
        name = _name()
        try:
            rows = self._sql("mariadb", _MARIADB.format(name=name, text=_TEXT), deadline)
        except EngineError:
            # The client ends at the first statement that is refused; what refuses this one, too, is told by the first.
            with suppress(EngineError):
                drop = f"DROP TABLE IF EXISTS {name};"
                self._said("mariadb", _client("mariadb"), drop, Deadline.after(_CLEAN_UP_S))
            raise
        said, rest, written, read = rows[-1]
        return (_fact("mariadb", said == _TEXT and rest == "0", float(written), float(read), rows[-1]),)

    def vector_db(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        """Use a table with vectors, search it over an index of the profile's kind."""
        metric, kind = (self.vectors.metric, self.vectors.kind) if self.vectors else ("cosine", "hnsw")
        operator, operators = _OPERATORS.get(metric, _OPERATORS["cosine"])
        lists = " WITH (lists = 1)" if kind == "ivfflat" else ""
        text = _POSTGRESQL.format(
            name=_name(), text=_TEXT, operator=operator, index=f"{kind} (place {operators}){lists}"
        )
        said, rest, written, read, near, searched = self._sql("vector-db", text, deadline)[-1]
        stored = _fact("vector-db", said == _TEXT and rest == "0", float(written), float(read), (said, rest))
        refusal = "" if near == "1" else f"the nearest vector is not the one found: {near}"
        return (stored, TrialFact(VECTORS, "vector-db", float(searched), 0, f"over {kind}", refusal))

    def redis(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        """Use a key that ends by itself after a minute."""
        key = f"toolkit:trial:{token_hex(6)}"
        asked = (f"SET {key} trial EX 60", f"GET {key}", f"DEL {key}")
        orders = ["AUTH app " + self.redis_password(), "TIME", asked[0], "TIME", asked[1], "TIME", asked[2]]
        said = self._said("redis", ("redis-cli", "--json"), "\n".join([*orders, ""]), deadline)
        answers = [json.loads(line.removeprefix("error:")) for line in said.splitlines() if line]
        if len(answers) != len(orders) or answers[0] != "OK":
            _refuse("redis", said)
        _, a, put, b, got, c, gone = answers
        right = (put, got, gone) == ("OK", "trial", 1)
        return (_fact("redis", right, _seconds(a, b), _seconds(b, c), (str(put), str(got), str(gone))),)

    def elasticsearch(self, deadline: Deadline) -> tuple[TrialFact, ...]:
        """Use an index of its own."""
        name = _name().replace("_", "-")
        said = self._said("elasticsearch", ("bash", "-c", _ELASTICSEARCH), name + "\n", deadline)
        *body, elapsed = said.strip().splitlines() or [""]
        right = _TEXT in "".join(body)
        return (_fact("elasticsearch", right, 0.0, float(elapsed) if right else 0.0, body[:1]),)

    def _sql(self, service: str, sql: str, deadline: Deadline) -> list[list[str]]:
        said = self._said(service, _client(service), sql, deadline)
        return [line.split("\t") for line in said.splitlines()]

    def _said(self, service: str, command: Sequence[str], stdin: str, deadline: Deadline) -> str:
        call = execute(f"{self.project}-{service}-1", command)
        done = self.runner.run(call, stdin=stdin, deadline=deadline)
        if done.returncode != 0:
            _refuse(service, done.stderr or done.stdout)
        return done.stdout


def _client(service: str) -> tuple[str, ...]:
    return ("bash", "-c", CLIENTS[service])


def _name() -> str:
    return _PREFIX + token_hex(6)


def _seconds(before: Sequence[str], after: Sequence[str]) -> float:
    """Return the time between two answers to TIME: seconds and microseconds."""
    return int(after[0]) - int(before[0]) + (int(after[1]) - int(before[1])) / 1e6


def _fact(service: str, right: bool, written_s: float, read_s: float, seen: Sequence[str]) -> TrialFact:
    refusal = "" if right else f"it does not give back what was written: {' '.join(seen)[:200]}"
    return TrialFact(STORE, service, read_s, 0, f"written in {written_s * 1000:.1f} ms", refusal)


def _refuse(service: str, said: str) -> NoReturn:
    lines = list(dict.fromkeys(line for line in said.strip().splitlines() if line))
    shown = "\n".join([line for line in lines if "ERROR" in line] or lines[-3:]) or "no answer"
    step = f"see what it says: toolkit logs {service}"
    raise EngineError(Problem(service, "the trial is refused", shown, step))
