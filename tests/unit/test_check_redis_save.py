"""redis.save: the last write to disk."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.redis_save import redis_save
from toolkit.facts import FiguresFact


def found(**texts: str) -> Finding:
    (one,) = ask(redis_save, redis=(FiguresFact("redis", {}, texts),))
    return one


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        ({}, Status.PASS),
        ({"rdb_last_bgsave_status": "ok", "aof_last_write_status": "ok"}, Status.PASS),
        ({"rdb_last_bgsave_status": "err"}, Status.FAIL),
        ({"aof_last_write_status": "err", "rdb_last_bgsave_status": "ok"}, Status.FAIL),
    ],
)
def test_an_error_is_one_whatever_the_others_say(texts: dict[str, str], status: Status) -> None:
    assert found(**texts).status is status


def test_it_names_what_failed() -> None:
    one = found(aof_last_write_status="err")
    assert one.observed == "the last write to disk failed: aof_last_write_status"
    assert one.evidence == ("aof_last_write_status:err",)
