"""Sums of MariaDB and Redis: memory from the container's limit, threads from its cores."""

from __future__ import annotations

import pytest

from tests.support.plans import plan, service, settings
from toolkit.planning.mariadb_sums import buffer_pool
from toolkit.planning.plan import ServicePlan
from toolkit.planning.redis import maxmemory
from toolkit.units import MIB, parse_bytes

GIB = 1024 * MIB


def values(service: ServicePlan) -> dict[str, object]:
    assert service.config is not None
    return dict(service.config.values)


@pytest.mark.parametrize(
    ("memory", "pool"),
    [
        # 75 % of the limit
        ("64GiB", 48 * GIB),
        ("2GiB", 1536 * MIB),
        # less, where 256 MiB and 100 connections of 1.42 MiB would not be left beside it
        ("1536MiB", 1138 * MIB),
        ("1GiB", 626 * MIB),
        ("512MiB", 114 * MIB),
        # never less than what InnoDB needs
        ("400MiB", 64 * MIB),
        ("100MiB", 64 * MIB),
    ],
)
def test_the_buffer_pool_follows_the_limit(memory: str, pool: int) -> None:
    assert buffer_pool(settings().services.mariadb, parse_bytes(memory)).value == pool


def test_the_buffer_pool_is_rendered_in_whole_mebibytes() -> None:
    assert (
        values(service("mariadb", "services.mariadb.memory=1000000000B"))["innodb_buffer_pool_size"] == "556M"
    )


def test_the_reason_names_formula_inputs_and_source() -> None:
    reason = plan().reasons["services.mariadb.innodb_buffer_pool_size"]
    assert reason.formula == (
        "max(min(memory_limit × buffer_pool_share, memory_limit − reserve − connections), 64MiB)"
    )
    each = 512 + 256 + 128 + 256 + 292
    assert dict(reason.inputs) == {
        "services.mariadb.memory_limit": GIB,
        "services.mariadb.buffer_pool_share": 0.75,
        "services.mariadb.reserve": 256 * MIB,
        "services.mariadb.connections_together": 100 * each * 1024,
    }
    assert reason.source.startswith("70 to 80 % of a dedicated server")


def test_at_the_reference_a_thousand_connections_fit_beside_three_quarters() -> None:
    reasons = plan("services.mariadb.memory=64GiB", environment="production", machine="two-hosts").reasons
    assert reasons["services.mariadb.innodb_buffer_pool_size"].value == 48 * GIB
    each = 2048 + 256 + 128 + 256 + 292
    assert reasons["services.mariadb.connections_together"].value == 1000 * each * 1024
    tables = reasons["services.mariadb.temporary_tables_together"]
    assert (tables.value, tables.formula) == (
        16000 * MIB,
        "max_connections × tmp_table_size; it is more than the 13217MiB that are left",
    )


def test_more_connections_than_the_container_can_hold_are_told() -> None:
    (warning,) = plan("services.mariadb.max_connections=1000", "services.mariadb.memory=1GiB").warnings
    assert warning.as_text() == (
        "services.mariadb.max_connections: all at once they may need more than the container has\n"
        "   got: 1000 connections 1.4 GiB, 1444KiB each\n"
        "        the server itself 0.2 GiB, the smallest pool 0.1 GiB\n"
        "        the container 1.0 GiB\n"
        "  next: lower services.mariadb.max_connections to 499, or raise services.mariadb.memory"
    )
    proposed = plan("services.mariadb.max_connections=499", "services.mariadb.memory=1GiB")
    assert proposed.warnings == ()


@pytest.mark.parametrize(
    ("limit", "sets", "value"),
    [
        (16 * GIB, (), 14 * GIB),
        (16 * GIB, ("services.redis.persistence=true",), 8 * GIB),
        (16 * GIB, ("services.redis.maxmemory_share=0.5",), 8 * GIB),
        (256 * MIB, (), 224 * MIB),
    ],
)
def test_redis_leaves_room_beside_its_keys(limit: int, sets: tuple[str, ...], value: int) -> None:
    assert maxmemory(settings(*sets).services.redis, limit).value == value


@pytest.mark.parametrize(("cpus", "threads"), [("0.5", 1), ("3.9", 1), ("4", 3), ("8.5", 7)])
def test_redis_reads_with_threads_only_where_there_are_cores(cpus: str, threads: int) -> None:
    assert values(service("redis", f"services.redis.cpus={cpus}"))["io_threads"] == threads


def test_redis_knows_its_users_by_hash_only() -> None:
    file = service("redis").digest_file

    assert file is not None
    assert [secret.name for secret in file.secrets] == ["redis-app-password", "redis-admin-password"]
    assert "#{sha256:redis-app-password}" in file.text
    assert "user default off" in file.text
    assert file.directory.partition("/")[0] == "redis"
    assert service("redis").secrets == ()


def test_mariadb_reads_its_passwords_from_files_of_its_own_user() -> None:
    mariadb = service("mariadb")

    assert {(s.name, s.uid, s.gid) for s in mariadb.secrets} == {
        ("mariadb-root-password", 999, 999),
        ("mariadb-password", 999, 999),
    }
    assert mariadb.environment["MARIADB_PASSWORD_FILE"] == "/run/secrets/mariadb-password"
    assert not [name for name in mariadb.environment if name.endswith("PASSWORD")]
    assert {(s.uid, s.gid) for s in service("mariadb", machine="cpu-online").secrets} == {(1001, 1001)}


def test_the_plan_lists_every_secret_once() -> None:
    names = [secret.name for secret in plan().secrets]
    assert sorted(names) == sorted(set(names))
    assert set(names) == {
        "mariadb-root-password",
        "mariadb-password",
        "redis-app-password",
        "redis-admin-password",
        "vector-db-admin-password",
        "vector-db-password",
    }
