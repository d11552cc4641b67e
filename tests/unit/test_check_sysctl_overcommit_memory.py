"""sysctl.overcommit-memory: only a Redis that saves needs it."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.sysctl_overcommit_memory import sysctl_overcommit_memory

SAVING = plan("services.redis.persistence=true")


@pytest.mark.parametrize(("value", "status"), [("1", Status.PASS), ("0", Status.WARN), ("2", Status.WARN)])
def test_a_redis_that_saves_wants_one(value: str, status: Status) -> None:
    (found,) = ask(sysctl_overcommit_memory, SAVING, sysctls={"vm.overcommit_memory": value})
    assert (found.status, found.observed) == (status, f"vm.overcommit_memory is {value}")
    assert found.remedy.startswith("sysctl -w vm.overcommit_memory=1") == (status is Status.WARN)


def test_a_cache_does_not_need_it() -> None:
    assert ask(sysctl_overcommit_memory, sysctls={"vm.overcommit_memory": "0"}) == ()
