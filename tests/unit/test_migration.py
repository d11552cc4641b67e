"""Which indexes are made, and why the others are not; what the databases are asked and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.clocks import HandClock
from tests.support.listener import Listener
from tests.support.plans import plan
from toolkit.cli.indexes import indexes_text
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed, Stdin
from toolkit.errors import ProfileError, ServiceFailedError
from toolkit.planning.index_sql import LOOK_AT_VECTORS, look_at_tables
from toolkit.planning.indexes import TableIndex, VectorIndexing
from toolkit.planning.migration import SeenIndex, SeenTables, judge_tables
from toolkit.planning.vector_migration import SeenColumn, SeenVectorIndex, judge_vectors
from toolkit.routines.migrate import IndexResult, Migration
from toolkit.state.directory import StateDirectory
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MESSAGES = TableIndex("by_session", "messages", ("session_id", "created_at"), "btree")
WORDS = TableIndex("words", "docs", ("title", "content"), "fulltext")
HNSW = VectorIndexing("hnsw", "cosine", 16, 64, 100, None)
IVFFLAT = replace(HNSW, kind="ivfflat")
ITEMS = SeenColumn("public", "items", "embedding", "vector", 768, empty=False)
OWN = SeenVectorIndex(
    "public", "items", "embedding", "ix", "hnsw", "vector_cosine_ops", valid=True, building=False
)


def tables(*indexes: SeenIndex) -> SeenTables:
    columns = {(index.table, column) for index in (MESSAGES, WORDS) for column in index.columns}
    return SeenTables(frozenset(columns), indexes)


def test_an_index_that_is_missing_is_made_with_its_names_quoted() -> None:
    (verdict,) = judge_tables([MESSAGES], tables())
    assert (verdict.subject, verdict.state) == ("messages(session_id, created_at)", "missing")
    assert verdict.statements == (
        "CREATE INDEX `by_session` ON `messages` (`session_id`, `created_at`) WAIT 30;",
    )
    (words,) = judge_tables([WORDS], tables())
    assert words.statements == ("CREATE FULLTEXT INDEX `words` ON `docs` (`title`, `content`) WAIT 30;",)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        # the same columns, or more of them, at the beginning
        (SeenIndex("messages", "a", "BTREE", ("session_id", "created_at")), "present"),
        (SeenIndex("messages", "a", "BTREE", ("session_id", "created_at", "id")), "present"),
        # too few, another order, only a part of a column, another kind, another table
        (SeenIndex("messages", "a", "BTREE", ("session_id",)), "missing"),
        (SeenIndex("messages", "a", "BTREE", ("created_at", "session_id")), "missing"),
        (SeenIndex("messages", "a", "BTREE", ("session_id(10)", "created_at")), "missing"),
        (SeenIndex("messages", "a", "FULLTEXT", ("session_id", "created_at")), "missing"),
        (SeenIndex("docs", "a", "BTREE", ("session_id", "created_at")), "missing"),
    ],
)
def test_an_index_that_begins_with_the_same_columns_will_do(seen: SeenIndex, state: str) -> None:
    (verdict,) = judge_tables([MESSAGES], tables(seen))
    assert verdict.state == state
    assert bool(verdict.statements) == (state == "missing")


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        (("title", "content"), "present"),
        (("content", "title"), "present"),
        # words are found by an index of exactly these columns only
        (("title", "content", "body"), "missing"),
        (("title",), "missing"),
    ],
)
def test_words_need_an_index_of_exactly_their_columns(columns: tuple[str, ...], state: str) -> None:
    (verdict,) = judge_tables([WORDS], tables(SeenIndex("docs", "a", "FULLTEXT", columns)))
    assert verdict.state == state


def test_a_table_or_a_column_that_is_not_there_is_told() -> None:
    seen = SeenTables(frozenset({("messages", "session_id")}), ())
    no_column, no_table = judge_tables([MESSAGES, WORDS], seen)
    assert (no_column.state, no_column.detail) == ("absent", "the table has no column created_at")
    assert (no_table.state, no_table.detail) == ("absent", "there is no such table yet")


def test_every_vector_column_gets_an_index_that_leaves_its_table_open() -> None:
    half = SeenColumn('o"d', "t", "v", "halfvec", 3000, empty=False)
    first, second = judge_vectors(HNSW, [ITEMS, half], [])
    assert (first.subject, first.state) == ("items(embedding) hnsw cosine", "missing")
    assert first.statements == (
        'CREATE INDEX CONCURRENTLY "items_embedding_hnsw_cosine" ON "public"."items" '
        'USING hnsw ("embedding" vector_cosine_ops) WITH (m = 16, ef_construction = 64);',
    )
    assert second.statements == (
        'CREATE INDEX CONCURRENTLY "t_v_hnsw_cosine" ON "o""d"."t" '
        'USING hnsw ("v" halfvec_cosine_ops) WITH (m = 16, ef_construction = 64);',
    )


@pytest.mark.parametrize(
    ("metric", "operators"),
    [("cosine", "vector_cosine_ops"), ("l2", "vector_l2_ops"), ("inner_product", "vector_ip_ops")],
)
def test_the_metric_chooses_the_operators(metric: Any, operators: str) -> None:
    (verdict,) = judge_vectors(replace(IVFFLAT, metric=metric), [ITEMS], [])
    assert f'USING ivfflat ("embedding" {operators}) WITH (lists = 100);' in verdict.statements[0]


@pytest.mark.parametrize(
    ("wanted", "column", "indexes", "state", "detail"),
    [
        (HNSW, ITEMS, [OWN], "present", "ix"),
        (HNSW, ITEMS, [replace(OWN, operators="vector_l2_ops")], "missing", "items_embedding_hnsw_cosine"),
        (HNSW, ITEMS, [replace(OWN, valid=False, building=True)], "building", "ix"),
        (
            *(IVFFLAT, ITEMS, [OWN], "differs"),
            'ix is hnsw: DROP INDEX "public"."ix", then again',
        ),
        (
            *(IVFFLAT, replace(ITEMS, empty=True), [], "waiting"),
            "lists are found from the rows: load them first, then run `toolkit migrate`",
        ),
        (HNSW, replace(ITEMS, empty=True), [], "missing", "items_embedding_hnsw_cosine"),
        (
            *(HNSW, replace(ITEMS, dimensions=0), [], "unsuitable"),
            "the column has no dimension: make it vector(n)",
        ),
        (
            *(HNSW, replace(ITEMS, dimensions=2001), [], "unsuitable"),
            "2001 dimensions, and vector is indexed up to 2000",
        ),
    ],
)
def test_what_stands_in_the_way_of_a_vector_index(
    wanted: VectorIndexing, column: SeenColumn, indexes: list[SeenVectorIndex], state: str, detail: str
) -> None:
    (verdict,) = judge_vectors(wanted, [column], indexes)
    assert (verdict.state, verdict.detail) == (state, detail)
    assert bool(verdict.statements) == (state == "missing")


def test_an_unfinished_index_of_the_name_goes_first() -> None:
    left = replace(OWN, name="items_embedding_hnsw_cosine", valid=False)
    (verdict,) = judge_vectors(HNSW, [ITEMS], [left])
    drop, create = verdict.statements
    assert drop == 'DROP INDEX CONCURRENTLY IF EXISTS "public"."items_embedding_hnsw_cosine";'
    assert create.startswith("CREATE INDEX CONCURRENTLY")


def test_named_columns_are_the_only_ones() -> None:
    wanted = replace(HNSW, columns=(("items", "embedding"), ("later", "v")))
    other = replace(ITEMS, table="other")
    found = judge_vectors(wanted, [ITEMS, other], [])
    assert [(one.subject, one.state) for one in found] == [
        ("items(embedding) hnsw cosine", "missing"),
        ("later(v) hnsw cosine", "absent"),
    ]


def test_a_long_name_is_cut_to_what_postgresql_keeps() -> None:
    (verdict,) = judge_vectors(HNSW, [replace(ITEMS, table="t" * 60)], [])
    assert len(verdict.detail) == 63
    assert verdict.detail.endswith("_hnsw_cosine")


def test_the_profile_s_indexes_are_the_plan_s() -> None:
    found = plan().indexes
    assert [(one.table, one.columns, one.kind) for one in found.tables] == [
        ("messages", ("session_id", "created_at"), "btree"),
        ("chat_sessions", ("user_id", "status"), "btree"),
        ("rag_documents", ("content",), "fulltext"),
        ("vector_embeddings", ("model_version", "similarity_score"), "btree"),
    ]
    assert found.vectors == HNSW
    fewer = plan("services.mariadb.indexes.messages_by_session=null", "services.vector_db.enabled=false")
    assert len(fewer.indexes.tables) == 3
    assert fewer.indexes.vectors is None


def test_a_name_that_is_no_identifier_is_refused() -> None:
    with pytest.raises(ProfileError) as caught:
        plan("services.mariadb.indexes.mine={table: 'a`b', columns: [c], kind: btree}")
    assert "services.mariadb.indexes.mine.table" in str(caught.value)


class Databases:
    """Both databases behind `docker exec`: answers by what the SQL begins with."""

    def __init__(self) -> None:
        self.said: list[tuple[tuple[str, ...], str]] = []
        self.rows = {look_at_tables(one.table for one in plan().indexes.tables): "", LOOK_AT_VECTORS: ""}
        self.refusal = ""

    def run(self, argv: Sequence[str], *, stdin: Stdin = None, **_: Any) -> Completed:
        assert isinstance(stdin, str | None)
        assert isinstance(stdin, str)
        self.said.append((tuple(argv), stdin))
        refused = self.refusal if stdin not in self.rows else ""
        return Completed(tuple(argv), int(bool(refused)), self.rows.get(stdin, ""), refused, 0.0)


@pytest.fixture
def databases() -> Databases:
    return Databases()


def migration(databases: Databases, directory: Path, *sets: str) -> Migration:
    wanted = plan(*sets)
    engine = ComposeEngine(databases, wanted.project, directory)
    state = StateDirectory(directory, "testing").ensure()
    return Migration(wanted, engine, state, Listener(), HandClock())


MESSAGES_THERE = "column\tmessages\tsession_id\ncolumn\tmessages\tcreated_at\n"


def test_each_database_is_asked_once_where_nothing_is_missing(databases: Databases, tmp_path: Path) -> None:
    results = migration(databases, tmp_path).run()
    assert [(one.service, one.state) for one in results] == [("mariadb", "absent")] * 4
    assert [argv[:4] for argv, _ in databases.said] == [
        ("docker", "exec", "--interactive", "llm-testing-mariadb-1"),
        ("docker", "exec", "--interactive", "llm-testing-vector-db-1"),
    ]


def test_what_is_missing_is_made_as_the_applications_user(databases: Databases, tmp_path: Path) -> None:
    databases.rows[next(iter(databases.rows))] = MESSAGES_THERE
    databases.rows[LOOK_AT_VECTORS] = "column\tpublic\titems\tembedding\tvector\t768\tf\n"
    results = migration(databases, tmp_path).run()
    assert [one for one in results if one.state == "created"] == [
        IndexResult("mariadb", "messages(session_id, created_at)", "created", "messages_by_session"),
        IndexResult("vector-db", "items(embedding) hnsw cosine", "created", "items_embedding_hnsw_cosine"),
    ]
    scripts = {argv[-1] for argv, _ in databases.said}
    assert len(scripts) == 2
    # the client reads the password inside the container
    assert all("$(</run/secrets/" in script for script in scripts)


def test_a_refused_statement_is_a_result_and_the_others_go_on(databases: Databases, tmp_path: Path) -> None:
    databases.rows[next(iter(databases.rows))] = MESSAGES_THERE + "column\trag_documents\tcontent\n"
    databases.refusal = "--------------\nCREATE INDEX ...\n\nERROR 1071 (42000) at line 1: too long\n"
    due = migration(databases, tmp_path)
    results = due.run()
    assert [one.state for one in results] == ["failed", "absent", "failed", "absent"]
    assert results[0].detail == "ERROR 1071 (42000) at line 1: too long"
    assert due.due
    assert indexes_text(plan(), results).splitlines()[:2] == [
        "llm-testing: 0 of 4 indexes created",
        "  mariadb    messages(session_id, created_at): refused (ERROR 1071 (42000) at line 1: too long)",
    ]


def test_a_database_that_cannot_be_asked_is_an_error(databases: Databases, tmp_path: Path) -> None:
    databases.rows = {}
    databases.refusal = "ERROR 1045 (28000): Access denied"
    with pytest.raises(ServiceFailedError) as caught:
        migration(databases, tmp_path).run()
    assert str(caught.value) == (
        "mariadb: its tables cannot be read\n"
        "   got: ERROR 1045 (28000): Access denied\n"
        "  next: see what it says: toolkit logs mariadb"
    )


def test_it_is_due_until_it_has_run_and_again_when_the_profile_changes(
    databases: Databases, tmp_path: Path
) -> None:
    assert migration(databases, tmp_path).due
    migration(databases, tmp_path).run()
    assert not migration(databases, tmp_path).due
    assert migration(databases, tmp_path, "services.vector_db.index.kind=ivfflat").due
    none = ("services.vector_db.enabled=false", "services.mariadb.enabled=false")
    assert not migration(databases, tmp_path, *none).due
