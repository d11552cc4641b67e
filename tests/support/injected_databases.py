"""Faults injected into MariaDB and PostgreSQL, each with what cures it: its remedy to the letter."""

from __future__ import annotations

from tests.support.injected import Fault, Run

_MARIA = ("--tmpfs", "/var/lib/mysql", "--tmpfs", "/run/mysqld", "--env", "MARIADB_ROOT_PASSWORD=secret")
_MARIA_UP = Run(_MARIA, ("mariadbd",), until="ready for connections")


def _maria(*words: str, options: tuple[str, ...] = _MARIA) -> Run:
    return Run(options, ("mariadbd", *words), until="ready for connections")


MARIADB = (
    Fault(
        "mariadb: option of another version",
        "mariadb",
        _maria("--innodb-log-files-in-group=2x", "--nosuch-option=1"),
        _MARIA_UP,
        "mariadb.start",
        "does not know",
        "take it out",
        "ready for connections",
    ),
    Fault(
        "mariadb: pool larger than memory",
        "mariadb",
        _maria("--innodb-buffer-pool-size=9000G", options=(*_MARIA, "--memory", "700m")),
        _maria("--innodb-buffer-pool-size=128M", options=(*_MARIA, "--memory", "700m")),
        "mariadb.start",
        "larger than the memory",
        "lower innodb_buffer_pool_size",
        "ready for connections",
    ),
    Fault(
        "mariadb: first start without a password",
        "mariadb",
        Run(_MARIA[:4], ("mariadbd",)),
        _MARIA_UP,
        "mariadb.access",
        "no password",
        "secret",
        "ready for connections",
    ),
    Fault(
        "mariadb: data directory holds something else",
        "mariadb",
        Run(
            (*_MARIA[2:], "--volume", "{dir}/junk:/var/lib/mysql"),
            ("mariadbd",),
            files={"junk/readme.txt": "x"},
        ),
        _MARIA_UP,
        "mariadb.start",
        "no finished database|holds something",
        "start again",
        "ready for connections",
    ),
    Fault(
        "mariadb: disk full",
        "mariadb",
        _maria(options=("--tmpfs", "/var/lib/mysql:size=30m", *_MARIA[2:])),
        _MARIA_UP,
        "storage.space",
        "full|file system",
        "room|move",
        "ready for connections",
    ),
)
_PG = ("--env", "POSTGRES_PASSWORD=secret", "--tmpfs", "/var/run/postgresql:uid=999,gid=999")
_PG_DATA = ("--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=0700")
_PG_UP = Run((*_PG, *_PG_DATA), ("postgres",), until="ready to accept connections")


def _pg(*words: str, options: tuple[str, ...] = (*_PG, *_PG_DATA)) -> Run:
    # At a first start it says that it is ready before it ends and starts again: only its end tells.
    return Run(options, ("postgres", *words))


POSTGRES = (
    Fault(
        "postgres: parameter that it does not know",
        "vector-db",
        _pg("-c", "nosuch_parameter=1"),
        _PG_UP,
        "postgres.start",
        "nosuch_parameter",
        "take out",
        "ready to accept",
    ),
    Fault(
        "postgres: value that is none",
        "vector-db",
        _pg("-c", "shared_buffers=banana"),
        _PG_UP,
        "postgres.start",
        "shared_buffers",
        "correct",
        "ready to accept",
    ),
    Fault(
        "postgres: memory that cannot be had",
        "vector-db",
        _pg("-c", "shared_buffers=900GB"),
        _PG_UP,
        "postgres.start",
        "more memory",
        "lower shared_buffers",
        "ready to accept",
    ),
    Fault(
        "postgres: /dev/shm too small",
        "vector-db",
        _pg(options=(*_PG, *_PG_DATA, "--shm-size", "16k")),
        Run(
            (*_PG, *_PG_DATA, "--shm-size", "1g"),
            ("postgres",),
            until="ready to accept connections",
        ),
        "storage.space",
        "/dev/shm",
        "raise shm_size",
        "ready to accept",
    ),
    Fault(
        "postgres: data of another major version",
        "vector-db",
        Run(
            (*_PG, "--volume", "{dir}/pg:/var/lib/postgresql/data", "--user", "0:0", "--entrypoint", "sh"),
            (
                "-c",
                "echo 12 > /var/lib/postgresql/data/PG_VERSION; chown -R 999:999 /var/lib/postgresql/data; "
                "chmod 700 /var/lib/postgresql/data; exec setpriv --reuid=999 --regid=999 --clear-groups postgres",
            ),
            files={"pg/postgresql.conf": "", "pg/pg_hba.conf": ""},
        ),
        _PG_UP,
        "postgres.start",
        "made by PostgreSQL 12",
        "pin the image",
        "ready to accept",
    ),
    Fault(
        "postgres: first start without a password",
        "vector-db",
        Run((*_PG[2:], *_PG_DATA), ("postgres",)),
        _PG_UP,
        "postgres.access",
        "no password",
        "secret",
        "ready to accept",
    ),
    Fault(
        "postgres: data directory of root",
        "vector-db",
        _pg(options=(*_PG, "--tmpfs", "/var/lib/postgresql/data:uid=0,gid=0,mode=0755")),
        _PG_UP,
        "postgres.start",
        "own",
        "chown -R 999:999",
        "ready to accept",
    ),
    Fault(
        "postgres: disk full at the first start",
        "vector-db",
        _pg(options=(*_PG, "--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=0700,size=12m")),
        _PG_UP,
        "storage.space",
        "full|file system",
        "room|move",
        "ready to accept",
    ),
)
