"""Sums of the vector database: its memory from the container's limit, its workers from the cores."""

from __future__ import annotations

import pytest

from tests.support.plans import bundle, plan, service, settings
from toolkit.errors import ProfileError, UsageError
from toolkit.planning import vector_db_sums as sums
from toolkit.units import MIB, parse_bytes

GIB = 1024 * MIB


def rendered(*sets: str) -> dict[str, str]:
    """Return postgresql.conf as a mapping."""
    files = bundle(*sets).files
    text = next(file.text for path, file in files.items() if path.endswith("/postgresql.conf"))
    lines = [line for line in text.splitlines() if " = " in line and line[0] != "#"]
    return dict(line.split(" = ", 1) for line in lines)


@pytest.mark.parametrize(
    ("memory", "buffers", "cache", "maintenance", "autovacuum", "shm"),
    [
        # 25 %, 75 % and 12.5 % of the limit; all autovacuum workers together have what one build has
        ("8GiB", 2 * GIB, 6 * GIB, GIB, 341 * MIB, GIB + 64 * MIB),
        ("1GiB", 256 * MIB, 768 * MIB, 128 * MIB, 42 * MIB, 192 * MIB),
        # never under PostgreSQL's own default
        ("512MiB", 128 * MIB, 384 * MIB, 64 * MIB, 21 * MIB, 128 * MIB),
    ],
)
def test_memory_follows_the_limit(
    memory: str, buffers: int, cache: int, maintenance: int, autovacuum: int, shm: int
) -> None:
    wanted = f"services.vector_db.memory={memory}"
    reasons = plan(wanted).reasons
    values = {
        key.removeprefix("services.vector_db."): reason.value
        for key, reason in reasons.items()
        if key.startswith("services.vector_db.")
    }
    assert values == {
        "shared_buffers": buffers,
        "effective_cache_size": cache,
        "maintenance_work_mem": maintenance,
        "autovacuum_work_mem": autovacuum,
        "shm_size": shm,
        "work_mem_together": 400 * MIB,
        "max_parallel_maintenance_workers": 0,
        "max_worker_processes": 8,
        "max_parallel_workers": 1,
        "max_parallel_workers_per_gather": 0,
        "autovacuum_max_workers": 3,
        "memory_limit": parse_bytes(memory),
    }
    assert service("vector-db", wanted).shm_bytes == shm


def test_amounts_are_rendered_in_postgresql_s_units() -> None:
    conf = rendered("services.vector_db.memory=1GiB", "services.vector_db.work_mem=4097KiB")
    assert (conf["shared_buffers"], conf["maintenance_work_mem"]) == ("256MB", "128MB")
    assert (conf["effective_cache_size"], conf["work_mem"]) == ("768MB", "4097kB")
    # a bare number would be kB: 5000 bytes must not become 5000 kB
    assert rendered("services.vector_db.work_mem=5000B")["work_mem"] == "4kB"


def test_each_reason_names_its_source() -> None:
    reasons = plan("services.vector_db.memory=1GiB").reasons
    shm = reasons["services.vector_db.shm_size"]
    assert (shm.formula, dict(shm.inputs)) == (
        "maintenance_work_mem + 64MiB",
        {"services.vector_db.maintenance_work_mem": 128 * MIB},
    )
    assert "--shm-size" in shm.source
    maintenance = reasons["services.vector_db.maintenance_work_mem"]
    assert maintenance.formula == "max(memory_limit × maintenance_share, 64MiB)"
    assert dict(maintenance.inputs) == {
        "services.vector_db.memory_limit": GIB,
        "services.vector_db.maintenance_share": 0.125,
    }


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        # 256 + 192 + 126 + 128 MiB are fixed
        ("1GiB", "max_connections × work_mem; it is more than the 322MiB beside the fixed parts"),
        ("2GiB", "max_connections × work_mem; it fits into the 833MiB beside the fixed parts"),
    ],
)
def test_sorts_of_all_connections_at_once_are_told_not_refused(memory: str, said: str) -> None:
    reason = plan(f"services.vector_db.memory={memory}").reasons["services.vector_db.work_mem_together"]
    assert (reason.value, reason.formula) == (400 * MIB, said)


@pytest.mark.parametrize(("cpus", "workers"), [(0.5, 0), (1.0, 0), (2.0, 1), (4.9, 3), (8.0, 7), (64.0, 7)])
def test_builders_are_the_cores_beside_the_leader_s(cpus: float, workers: int) -> None:
    assert sums.builders(cpus).value == workers


def test_workers_are_rendered_from_the_cores_that_the_host_has() -> None:
    # the machine has 2
    conf = rendered("services.vector_db.cpus=16")
    assert {key: value for key, value in conf.items() if "worker" in key} == {
        "autovacuum_max_workers": "3",
        "max_worker_processes": "8",
        "max_parallel_workers": "2",
        "max_parallel_workers_per_gather": "1",
        "max_parallel_maintenance_workers": "1",
    }


def test_searches_look_as_far_as_the_profile_says() -> None:
    conf = rendered("services.vector_db.index.ef_search=100", "services.vector_db.index.probes=32")
    assert (conf["hnsw.ef_search"], conf["ivfflat.probes"]) == ("100", "32")


def test_parts_that_exceed_the_limit_are_refused_with_their_sum() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.vector_db.memory=1GiB", "services.vector_db.shared_buffers_share=0.75")
    assert str(caught.value) == (
        "services.vector_db: its parts need more than its limit of memory\n"
        "   got: shared_buffers        768 MiB\n"
        "        /dev/shm              192 MiB\n"
        "        autovacuum            126 MiB\n"
        "        reserve               128 MiB\n"
        "        together             1214 MiB\n"
        "        the container        1024 MiB\n"
        "  next: raise services.vector_db.memory, or lower shared_buffers_share, maintenance_share or reserve"
    )


def test_fewer_processes_than_connections_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.vector_db.max_connections=500")
    assert str(caught.value) == (
        "services.vector_db.pids: 500 connections are as many processes, and 24 more\n"
        "   got: 512\n"
        "  next: raise services.vector_db.pids to 524, or lower services.vector_db.max_connections"
    )


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("index.lists", "0", "got: 0 (a whole number)\n  next: write a whole number from 1 to 32768"),
        ("index.kind", "flat", "write one of `hnsw`, `ivfflat`"),
        ("user", "postgres", "a name that PostgreSQL does not keep for itself"),
        ("user", "pg_mine", "a name that PostgreSQL does not keep for itself"),
        ("database", "a;b", "is not of the right form"),
    ],
)
def test_what_postgresql_could_not_do_is_refused(key: str, value: str, said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        settings(f"services.vector_db.{key}={value}")
    assert f"services.vector_db.{key}" in str(caught.value)
    assert said in str(caught.value)


def test_the_administrator_is_not_the_applications_user() -> None:
    found = service("vector-db")
    assert found.environment["POSTGRES_USER"] == "postgres"
    assert found.environment["VECTOR_DB_USER"] == "toolkit"
    assert {(s.name, s.uid, s.gid) for s in found.secrets} == {
        ("vector-db-admin-password", 999, 999),
        ("vector-db-password", 999, 999),
    }
    assert not [name for name in found.environment if name.endswith("PASSWORD")]


def test_the_network_is_never_trusted() -> None:
    files = bundle().files
    text = next(file.text for path, file in files.items() if path.endswith("/pg_hba.conf"))
    lines = [line.split() for line in text.splitlines() if line and line[0] != "#"]
    assert [line for line in lines if line[-1] == "trust"] == [["local", "all", "postgres", "trust"]]
    assert [line[1:] for line in lines if line[0] == "host"] == [
        ["all", "postgres", "all", "reject"],
        ["all", "all", "all", "scram-sha-256"],
    ]


def test_the_first_start_has_its_own_directory_and_no_password_in_it() -> None:
    found = bundle("services.vector_db.user=ada").files
    text = next(file.text for path, file in found.items() if path.endswith("/first-start.sql"))
    assert "CREATE ROLE \"ada\" LOGIN PASSWORD :'password';" in text
    assert "\\set password `cat /run/secrets/vector-db-password`" in text
    assert len({path.rpartition("/")[0] for path in found if path.startswith("files/vector-db/")}) == 2
