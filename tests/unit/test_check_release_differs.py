"""What runs, and what would be rendered."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.release_differs import release_differs
from toolkit.facts import ReleaseFact


def test_a_difference_is_told_with_what_differs() -> None:
    seen = (ReleaseFact("redis", "recreate", "its definition changed", ("mem_limit",)),)
    (found,) = ask(release_differs, release=seen)
    assert (found.subject, found.status, found.evidence) == ("redis", Status.WARN, ("mem_limit",))
    assert found.observed == "`toolkit up` would recreate it: its definition changed"


def test_none() -> None:
    (found,) = ask(release_differs, release=())
    assert found.status is Status.PASS


def test_what_is_not_there_is_told_elsewhere() -> None:
    (found,) = ask(release_differs, release=(ReleaseFact("redis", "create", "it is not there", ()),))
    assert found.status is Status.PASS
