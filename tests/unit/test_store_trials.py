"""Trials of the data services: what they say, what they ask for, and that nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from toolkit.clock import Deadline
from toolkit.engine.runner import Completed
from toolkit.engine.store_trials import StoreTrials
from toolkit.errors import EngineError
from toolkit.facts import TrialFact
from toolkit.planning.trials import STORE, VECTORS


class Shell:
    """The door to programs: each call is answered by `answer(stdin)`: exit code, stdout, stderr."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Sequence[str], str]] = []

    def run(self, argv: Sequence[str], **more: Any) -> Completed:
        self.asked.append((argv, more["stdin"]))
        code, out, err = self.answers.pop(0)
        return Completed(tuple(argv), code, out, err, 0.0)


def tried(shell: Shell, service: str) -> Sequence[TrialFact]:
    act = StoreTrials(shell, "llm-testing", lambda: "secret").of(service)
    assert act is not None
    return act(Deadline.after(5))


def test_mariadb_reads_back_what_it_wrote() -> None:
    shell = Shell((0, "written by a trial\t0\t0.0042\t0.0003\n", ""))
    assert tried(shell, "mariadb") == (TrialFact(STORE, "mariadb", 0.0003, 0, "written in 4.2 ms"),)
    ((argv, sql),) = shell.asked
    assert argv[:4] == ("docker", "exec", "--interactive", "llm-testing-mariadb-1")
    table = sql.split("CREATE TABLE ")[1].split()[0]
    assert table.startswith("toolkit_trial_")
    assert f"DROP TABLE {table};" in sql


def test_mariadb_that_refuses_is_quoted_and_left_as_it_was() -> None:
    shell = Shell((1, "", "--------------\nERROR 1290 (HY000): read-only\n"), (0, "", ""))
    with pytest.raises(EngineError, match="ERROR 1290"):
        tried(shell, "mariadb")
    assert shell.asked[1][1].startswith("DROP TABLE IF EXISTS toolkit_trial_")


def test_vectors_are_found_and_nothing_is_committed() -> None:
    shell = Shell((0, "written by a trial\t0\t0.001\t0.0004\t1\t0.002\n", ""))
    stored, searched = tried(shell, "vector-db")
    assert (stored.name, stored.elapsed_s, stored.refusal) == (STORE, 0.0004, "")
    assert (searched.name, searched.elapsed_s, searched.refusal) == (VECTORS, 0.002, "")
    sql = shell.asked[0][1]
    assert sql.startswith("BEGIN;")
    assert sql.rstrip().endswith("ROLLBACK;")
    wrong = Shell((0, "written by a trial\t0\t0.001\t0.0004\t2\t0.002\n", ""))
    assert tried(wrong, "vector-db")[1].refusal == "the nearest vector is not the one found: 2"


def test_redis_by_its_own_clock_and_with_its_password_in_no_argument() -> None:
    said = '"OK"\n["10","0"]\n"OK"\n["10","500"]\n"trial"\n["10","800"]\n1\n'
    shell = Shell((0, said, ""))
    (fact,) = tried(shell, "redis")
    assert fact.elapsed_s == pytest.approx(0.0003)
    assert fact.answer == "written in 0.5 ms"
    ((argv, asked),) = shell.asked
    assert "secret" not in " ".join(argv)
    assert "EX 60" in asked
    lost = said.replace('"trial"', "null")
    assert tried(Shell((0, lost, "")), "redis")[0].refusal.startswith("it does not give back")
    with pytest.raises(EngineError, match="WRONGPASS"):
        tried(Shell((0, 'error:"WRONGPASS invalid"\n', "")), "redis")


def test_elasticsearch_deletes_its_index_whatever_happens() -> None:
    shell = Shell((0, '{"_source":{"said":"written by a trial"}}\n0.012\n', ""))
    (fact,) = tried(shell, "elasticsearch")
    assert (fact.elapsed_s, fact.refusal) == (0.012, "")
    argv, name = shell.asked[0]
    assert "trap" in argv[-1]
    assert name.startswith("toolkit-trial-")
    (bad,) = tried(Shell((0, '{"error":"no"}\n0.012\n', "")), "elasticsearch")
    assert bad.refusal.startswith("it does not give back")


def test_other_services_are_no_stores() -> None:
    of: Callable[[str], object] = StoreTrials(Shell(), "p", str).of
    assert of("edge") is None
