"""Vector database and MariaDB: the values in force, a parallel index build, indexes that are used, migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.datastores import ask_mariadb, ask_vector_db, rendered, vector_rows
from tests.support.engine import inside, inspect, logs
from tests.support.stack import HEALTHY_SOON, OFF, Stack, gone_at_the_end
from toolkit.units import MIB, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
_ROWS = 50_000
_UNITS = {"kB": 1024, "MB": MIB, "GB": 1024 * MIB}
_TABLES = """
CREATE TABLE messages (id INT PRIMARY KEY, session_id INT, created_at DATETIME);
CREATE TABLE chat_sessions (id INT PRIMARY KEY, user_id INT, status VARCHAR(16), KEY own (user_id, status, id));
CREATE TABLE vector_embeddings (id INT PRIMARY KEY, model_version TEXT, similarity_score FLOAT);
"""
_ITEMS = """
SELECT setseed(0.5);
CREATE TABLE items (id bigint PRIMARY KEY, embedding vector(8));
INSERT INTO items SELECT i, ARRAY(SELECT random() FROM generate_series(1, 8) WHERE i = i)::vector
FROM generate_series(1, 50000) i;
ANALYZE items;
ALTER TABLE items SET (parallel_workers = 4);
"""
_NEAREST = "EXPLAIN SELECT id FROM items ORDER BY embedding <=> '[1,1,1,1,1,1,1,1]' LIMIT 5"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both databases and nothing else, with tables that an application could have made."""
    vector_db = {**HEALTHY_SOON, "memory": "1GiB", "cpus": 2.0}
    place = tmp_path_factory.mktemp("stores")
    with gone_at_the_end(
        Stack(place, vector_db=vector_db, llm_general=OFF, llm_fast=OFF, edge=OFF, redis=OFF)
    ) as stack:
        first = stack.up()
        assert {one["state"] for one in first["indexes"]} == {"absent"}
        assert (
            ask_mariadb(stack, _TABLES, "toolkit", stack.secret("mariadb-password"), base="toolkit").stderr
            == ""
        )
        vector_rows(stack, _ITEMS)
        yield stack


def _in_force(text: str) -> object:
    """Return bytes of `256MB`, a number of `100`, else the word: what file and server both mean."""
    number, unit = text.strip("'"), text.strip("'")[-2:]
    if unit in _UNITS and number[:-2].isdigit():
        return int(number[:-2]) * _UNITS[unit]
    return int(number) if number.isdigit() else number


def test_show_all_equals_every_rendered_value(stores: Stack) -> None:
    text = rendered(stores, "files/vector-db/*/postgresql.conf")
    lines = [line for line in text.splitlines() if " = " in line and line[0] != "#"]
    wanted = {key: _in_force(value) for key, value in (line.split(" = ", 1) for line in lines)}
    assert len(wanted) >= 16
    # The values of pgvector are among them once its library is loaded.
    _, *rows = vector_rows(stores, "SELECT '[1]'::vector; SHOW ALL")
    running = {row[0]: _in_force(row[1]) for row in rows}
    assert {key: running.get(key) for key in wanted} == wanted


def test_the_container_s_limits_are_the_planned_ones(stores: Stack) -> None:
    service = yaml.safe_load((stores.build / "compose.yaml").read_text())["services"]["vector-db"]
    host = inspect(stores.container("vector-db"))["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (1024 * MIB, 1024 * MIB)
    assert host["ShmSize"] == parse_bytes(service["shm_size"]) == 192 * MIB
    assert (host["NanoCpus"], host["PidsLimit"]) == (2 * 10**9, 512)
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert inside(stores.container("vector-db"), "id", "-u").stdout.strip() == "999"


def test_the_user_gets_in_with_its_password_and_the_administrator_by_the_socket_only(stores: Stack) -> None:
    secret, network = stores.secret("vector-db-password"), f"{stores.project}_data"
    address = inspect(stores.container("vector-db"))["NetworkSettings"]["Networks"][network]["IPAddress"]
    assert ask_vector_db(stores, "SELECT current_user", "toolkit", secret, address).stdout == "toolkit\n"
    for user, password in (("toolkit", "wrong"), ("postgres", stores.secret("vector-db-admin-password"))):
        refused = ask_vector_db(stores, "SELECT 1", user, password, address)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "password authentication failed" in refused.stderr or "pg_hba.conf rejects" in refused.stderr
    for sql in ("CREATE DATABASE other", "CREATE ROLE other", "COPY items TO PROGRAM 'true'"):
        assert "permission denied" in ask_vector_db(stores, sql, "toolkit", secret, address).stderr
    assert secret not in logs(stores.container("vector-db"))


def test_a_parallel_build_fits_into_the_planned_shared_memory(stores: Stack) -> None:
    said = ask_vector_db(
        stores,
        "SET client_min_messages = debug1;\n"
        "CREATE INDEX mine ON items USING hnsw (embedding vector_l2_ops) WITH (m = 8, ef_construction = 32)",
    )
    assert said.returncode == 0, said.stderr
    # One beside the leader, of two cores; all of maintenance_work_mem was in /dev/shm.
    assert "using 1 parallel workers" in said.stderr
    assert "graph no longer fits" not in said.stderr
    assert vector_rows(stores, "DROP INDEX mine") == []


def test_what_is_missing_and_slow_is_told_and_nothing_is_made(stores: Stack) -> None:
    sleeper = "SELECT SLEEP(1.2), 'hunter2' UNION SELECT 0, 'x'"
    assert (
        ask_mariadb(stores, sleeper, "toolkit", stores.secret("mariadb-password"), base="toolkit").stderr
        == ""
    )
    found = stores.toolkit("db", "indexes", "--output=json", code=4).json
    states = {one["subject"]: one["state"] for one in found["indexes"]}
    assert states["messages(session_id, created_at)"] == "missing"
    assert states["items(embedding) hnsw cosine"] == "missing"
    # A server that has just started has counted, but not for long enough.
    uses = {use["service"]: use for use in found["uses"]}
    assert set(uses) == {"mariadb", "vector-db"}
    assert all(use["since_s"] > 0 and not use["long_enough"] for use in uses.values())
    (slow,) = [one for one in found["slow_queries"] if "SLEEP" in one["shape"]]
    assert slow["shape"] == "SELECT SLEEP(?), ? UNION SELECT ?, ?"
    assert slow["longest_s"] >= 1.2
    again = stores.toolkit("db", "indexes", code=4)
    assert "unused indexes are told after a day" in again.out
    assert "hunter2" not in again.out


def test_a_migration_makes_what_is_missing_and_the_second_nothing(stores: Stack) -> None:
    first = stores.toolkit("migrate", "--output=json", code=3).json["indexes"]
    states = {one["subject"]: (one["state"], one["detail"]) for one in first}
    refused = states.pop("vector_embeddings(model_version, similarity_score)")
    assert refused[0] == "failed"
    assert "Specified key was too long" in refused[1]
    assert states == {
        "messages(session_id, created_at)": ("created", "messages_by_session"),
        "chat_sessions(user_id, status)": ("present", "own"),
        "rag_documents(content) fulltext": ("absent", "there is no such table yet"),
        "items(embedding) hnsw cosine": ("created", "items_embedding_hnsw_cosine"),
    }
    assert "Index Scan using items_embedding_hnsw_cosine" in _explained(stores)

    length = "ALTER TABLE vector_embeddings MODIFY model_version VARCHAR(64)"
    words = "CREATE TABLE rag_documents (id INT PRIMARY KEY, content TEXT)"
    asked = f"{length}; {words};"
    assert (
        ask_mariadb(stores, asked, "toolkit", stores.secret("mariadb-password"), base="toolkit").stderr == ""
    )
    second = stores.toolkit("migrate", "--output=json").json["indexes"]
    assert [one["state"] for one in second] == ["present", "present", "created", "created", "present"]
    cared = stores.toolkit("db", "indexes", "--apply")
    assert cared.out.startswith(f"{stores.project}: 0 of 5 indexes missing\n")
    third = stores.toolkit("migrate")
    assert third.out.startswith(f"{stores.project}: 0 of 5 indexes created\n")
    assert third.out.count("there already") == 5


def _explained(stack: Stack) -> str:
    return "\n".join(row[0] for row in vector_rows(stack, _NEAREST))


def test_lists_are_made_once_the_table_has_rows(stores: Stack) -> None:
    lists = "--set=services.vector_db.index.kind=ivfflat"
    vector_rows(stores, "CREATE TABLE later (id int, v vector(3)); DROP INDEX items_embedding_hnsw_cosine")
    found = stores.toolkit("migrate", "--output=json", lists).json["indexes"]
    assert [(one["subject"], one["state"]) for one in found[-2:]] == [
        ("items(embedding) ivfflat cosine", "created"),
        ("later(v) ivfflat cosine", "waiting"),
    ]
    assert "Index Scan using items_embedding_ivfflat_cosine" in _explained(stores)
    options = "SELECT reloptions FROM pg_class WHERE relname = 'items_embedding_ivfflat_cosine'"
    assert vector_rows(stores, options) == [["{lists=100}"]]
    vector_rows(stores, "INSERT INTO later VALUES (1, '[1,2,3]')")
    again = stores.toolkit("migrate", "--output=json", lists).json["indexes"]
    assert [one["state"] for one in again[-2:]] == ["present", "created"]


def test_an_unchanged_up_asks_no_database(stores: Stack) -> None:
    # Other indexes are a change, too, although no container is another one.
    lists = "--set=services.vector_db.index.lists=50"
    changed = stores.up(lists)
    assert (changed["actions"], "indexes" in changed["phases_s"]) == ([], True)
    assert "indexes" not in stores.up(lists)["phases_s"]


def test_a_changed_value_recreates_the_vector_database_alone_and_keeps_its_rows(stores: Stack) -> None:
    before = stores.lives()
    done = stores.up("--set=services.vector_db.work_mem=8MiB")
    assert [(a["service"], a["kind"]) for a in done["actions"]] == [("vector-db", "recreate")]
    assert stores.lives()["mariadb"] == before["mariadb"]
    assert vector_rows(stores, "SHOW work_mem; SELECT count(*) FROM items") == [["8MB"], [str(_ROWS)]]


def test_a_restart_keeps_the_rows(stores: Stack) -> None:
    stores.toolkit("restart", "vector-db")
    assert vector_rows(stores, "SELECT count(*) FROM items") == [[str(_ROWS)]]
