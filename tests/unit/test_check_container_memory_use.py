"""Containers near their limits."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.container_memory_use import container_memory_use
from toolkit.facts import UsageFact


def used(service: str, share: int) -> tuple[UsageFact, ...]:
    return (UsageFact(service, "id", share * 10, 1000),)


@pytest.mark.parametrize(
    ("service", "share", "status"),
    [
        ("llm-general", 70, Status.PASS),
        ("llm-general", 85, Status.WARN),
        ("llm-general", 90, Status.FAIL),
        ("redis", 92, Status.PASS),
        ("redis", 97, Status.FAIL),
    ],
)
def test_shares_of_the_limit(service: str, share: int, status: Status) -> None:
    (found,) = ask(container_memory_use, usage=used(service, share))
    assert (found.status, found.observed) == (status, f"{share * 10} of 1000 MiB, {share} %")
    assert bool(found.remedy) == bool(found.changes) == (status is not Status.PASS)
    assert all(one.value == f"{round(share * 10 / 0.65)}MiB" for one in found.changes)


def test_what_is_far_from_it_or_has_none_is_not_told() -> None:
    assert ask(container_memory_use, usage=(*used("redis", 60), UsageFact("edge", "id", 500, 0))) == ()
    assert ask(container_memory_use, usage=used("stranger", 99)) == ()
