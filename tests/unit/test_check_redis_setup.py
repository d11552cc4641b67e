"""redis.setup: modules, keys, rules"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.redis_setup import redis_setup


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "# Can't load module from /usr/lib/redis/modules/redisearch.so: server aborting",
            "a module (/usr/lib/redis/modules/redisearch.so) is",
            "take the image that has it (redis 8 or",
        ),
        (
            "# Failed to configure TLS. Check logs for more info.",
            "TLS is configured, and its certificate, key or CA",
            "mount tls-cert-file, tls-key-file and",
        ),
        (
            "# Aborting Redis startup because of ACL errors: /etc/redis/users.acl:1: Error",
            "a rule of the ACL file is not valid, or users stand",
            "correct the line that it names; users",
        ),
        (
            "*** FATAL AOF MANIFEST FILE ERROR ***",
            "the manifest of the append-only files, or a file",
            "copy appendonlydir; correct its owner",
        ),
        (
            "# Fatal error loading the DB: Permission denied. Exiting.",
            "dump.rdb belongs to another user (a copy made by",
            "chown 999:999 dump.rdb (or 1001 of",
        ),
        (
            "# Sorry, the cluster configuration file nodes.conf is already used by a different node.",
            "the cluster's file nodes.conf is used by another",
            "a directory of its own for each server",
        ),
        (
            "# You requested maxclients of 10000 requiring at least 10032 max file descriptors.",
            "the ulimit nofile is lower than maxclients asks",
            "raise the ulimit nofile of the service",
        ),
        (
            "# Client id=5 closed for overcoming of output buffer limits.",
            "a client takes its answers slower than they come (a",
            "client-output-buffer-limit for its",
        ),
        (
            "(error) NOSCRIPT No matching script.",
            "the client asks what this server or key cannot do",
            "correct the client (EVAL again after",
        ),
        (
            "# Out Of Memory allocating 4096 bytes!",
            "redis was refused memory: the container's limit is",
            "maxmemory of at most three quarters of",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(redis_setup, "redis", line, cause, remedy)
