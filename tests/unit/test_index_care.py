"""How indexes are used, and slow queries without anybody's values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plans import plan
from toolkit.cli.index_care import care_json, care_text
from toolkit.planning.index_care import IndexUse, UnusedIndex, WholeTable, index_use
from toolkit.planning.slow_log import shape_of, slow_queries
from toolkit.routines.index_care import Care
from toolkit.routines.migrate import IndexResult

# As MariaDB 11.8 writes it.
LOG = """\
mariadbd, Version: 11.8.9-MariaDB from Debian-log. started with:
Tcp port: 0  Unix socket: /tmp/s
Time\t\t    Id Command\tArgument
# Time: 261201  4:55:58
# User@Host: root[root] @ localhost []
# Thread_id: 4  Schema:   QC_hit: No
# Query_time: 0.005257  Lock_time: 0.000080  Rows_sent: 0  Rows_examined: 0
# Rows_affected: 0  Bytes_sent: 11
SET timestamp=1796100958;
create user a@localhost identified by 'hunter2';
# User@Host: app[app] @  [10.0.0.7]
# Thread_id: 4  Schema: app  QC_hit: No
# Query_time: 0.529500  Lock_time: 0.000673  Rows_sent: 1  Rows_examined: 20000
# Rows_affected: 0  Bytes_sent: 56
use `app`;
SET timestamp=1796100958;
select count(*) from messages
  where session_id = 5 and body like '%it''s%';
# Thread_id: 4  Schema: app  QC_hit: No
# Query_time: 1.5  Lock_time: 0.000673  Rows_sent: 2  Rows_examined: 30000
# Rows_affected: 0  Bytes_sent: 56
SET timestamp=1796100959;
select count(*) from messages where session_id = 77   and body like "x";
"""


def test_queries_of_one_shape_are_one_the_slowest_in_all_first() -> None:
    slowest, other = slow_queries(LOG)
    assert slowest.shape == "select count(*) from messages where session_id = ? and body like ?"
    assert (slowest.times, slowest.total_s, slowest.longest_s) == (2, 2.0295, 1.5)
    assert (slowest.rows_seen, slowest.rows_sent) == (50000, 3)
    assert other.shape == "create user a@localhost identified by ?"


def test_the_end_of_a_log_may_begin_anywhere() -> None:
    assert len(slow_queries(LOG[LOG.index("20000") :])) == 1
    assert slow_queries("") == ()


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        ("INSERT INTO t VALUES (1, 'a'), (2, 'b''c');", "INSERT INTO t VALUES (?)"),
        ("SELECT * FROM t1 WHERE x IN (1,2,3) LIMIT 10", "SELECT * FROM t1 WHERE x IN (?) LIMIT ?"),
        ('SELECT "a\\"b", 0xFF, 1.5e-3', "SELECT ?, ?, ?"),
    ],
)
def test_values_are_no_part_of_a_shape(query: str, shape: str) -> None:
    assert shape_of(query) == shape


@given(st.text(st.characters(exclude_characters="\\"), max_size=60))
def test_no_text_survives_in_quotes(secret: str) -> None:
    quoted = secret.replace("'", "''")
    assert shape_of(f"SET password = '{quoted}', a = 1") == "SET password = ?, a = ?"


def test_a_very_long_query_is_cut() -> None:
    assert len(shape_of("SELECT " + "a, " * 1000)) < 310


def use(since_s: float | None) -> IndexUse:
    return IndexUse(
        "mariadb",
        since_s,
        (UnusedIndex("messages", "never", "body"),),
        (WholeTable("public.items", 1200, 50000),),
    )


def test_the_answers_of_a_database_are_told_apart() -> None:
    rows = [
        ["since", "90000.5"],
        ["unused", "messages", "never", "body"],
        ["whole", "public.items", "1200", "50000"],
    ]
    assert index_use("mariadb", rows) == use(90000.5)
    assert index_use("mariadb", []) == IndexUse("mariadb", None)


@pytest.mark.parametrize(
    ("since_s", "said"),
    [
        (None, "mariadb: how its indexes are used is not counted (userstat is off)"),
        (3600, "mariadb: used for 1h only; unused indexes are told after a day"),
        (2 * 86400, "mariadb: 1 indexes that no query used in 2.0 days"),
    ],
)
def test_what_is_not_used_yet_is_not_called_unused(since_s: float | None, said: str) -> None:
    text = care_text(plan(), (), Care((use(since_s),), ()))
    assert said in text.splitlines()
    assert ("messages: never (body)" in text) is (since_s == 2 * 86400)
    assert "  public.items: read whole 1,200 times, 50,000 rows; an index may be missing" in text


def test_people_and_machines_read_the_same() -> None:
    results = (IndexResult("mariadb", "messages(a)", "missing", "by_a"),)
    care = Care((use(2 * 86400),), slow_queries(LOG))
    text = care_text(plan(), results, care)
    assert text.startswith(
        "llm-testing: 1 of 1 indexes missing; toolkit db indexes --apply makes what can be made\n"
    )
    assert "  2 times, 2.03 s in all, 1.50 s at most, 50,000 rows looked at for 3\n" in text
    body = care_json(plan(), results, care)
    assert body["uses"][0]["long_enough"] is True
    assert body["slow_queries"][0]["times"] == 2
    assert "hunter2" not in text + str(body)
