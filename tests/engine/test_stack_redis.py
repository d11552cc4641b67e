"""The running Redis has every rendered value, and each user can do what it needs and no more."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import ask_redis, rendered
from tests.support.engine import inside

if TYPE_CHECKING:
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine


def test_config_get_equals_every_rendered_value(stack: Stack) -> None:
    text = rendered(stack, "files/redis/*/redis.conf")
    lines = [shlex.split(line) for line in text.splitlines() if line.strip() and line[0] != "#"]
    wanted = {key: " ".join(values) for key, *values in lines}
    assert len(wanted) == len(lines) >= 18
    (flat,) = ask_redis(stack, "CONFIG GET *", user="admin")
    running = dict(zip(flat[::2], flat[1::2], strict=True))
    assert {key: running.get(key) for key in wanted} == wanted


def test_nobody_gets_in_without_a_name_and_its_secret(stack: Stack) -> None:
    for answer in ask_redis(stack, "PING", "GET x", "CONFIG GET maxmemory"):
        assert "NOAUTH" in answer
    for user in ("app", "admin", "default", "nobody"):
        refused, ping = ask_redis(stack, f"AUTH {user} wrong", "PING")
        assert "WRONGPASS" in refused
        assert "NOAUTH" in ping
    another = stack.secret("redis-app-password")
    assert "WRONGPASS" in ask_redis(stack, f"AUTH admin {another}")[0]


def test_the_application_can_work_but_not_rule(stack: Stack) -> None:
    work = ("SET test:key value EX 60", "GET test:key", "INCR test:count", "DEL test:key test:count", "PING")
    assert ask_redis(stack, *work, user="app") == ["OK", "value", 1, 2, "PONG"]
    assert ask_redis(stack, "KEYS test:*", user="app") == [[]]
    forbidden = (
        "CONFIG GET maxmemory", "CONFIG SET maxmemory 1", "FLUSHALL", "SHUTDOWN NOSAVE", "ACL LIST",
        "REPLICAOF 127.0.0.1 1", "SAVE", "BGREWRITEAOF", "MODULE LIST", "MONITOR",
    )  # fmt: skip
    for command, answer in zip(forbidden, ask_redis(stack, *forbidden, user="app"), strict=True):
        assert "NOPERM" in answer, command
    for answer in ask_redis(stack, "ACL DRYRUN app DEBUG JMAP", "ACL DRYRUN app CLIENT LIST", user="admin"):
        assert "has no permissions" in answer


def test_the_health_check_can_do_nothing_but_ping(stack: Stack) -> None:
    _, ping, get, config = ask_redis(stack, "AUTH health health", "PING", "GET x", "CONFIG GET *")
    assert ping == "PONG"
    assert "NOPERM" in get
    assert "NOPERM" in config


def test_the_server_knows_passwords_by_hash_only(stack: Stack) -> None:
    listed, whoami = ask_redis(stack, "ACL LIST", "ACL WHOAMI", user="admin")
    assert whoami == "admin"
    users = {line.split()[1]: line for line in listed}
    assert set(users) == {"default", "health", "app", "admin"}
    assert " off " in users["default"]
    for name in ("app", "admin"):
        assert re.search(r" #[0-9a-f]{64} ", users[name])
        assert " nopass" not in users[name]
    file = inside(stack.container("redis"), "cat", "/run/redis-acl/users.acl").stdout
    assert "#" in file
    for text in (file, *listed):
        assert " >" not in text
        assert not any(value in text for value in stack.secrets().values())
