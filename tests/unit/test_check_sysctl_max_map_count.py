"""sysctl.max-map-count: Elasticsearch does not start below its least."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.sysctl_max_map_count import sysctl_max_map_count

SEARCHING = plan("services.elasticsearch.enabled=true", machine="cpu-online")


@pytest.mark.parametrize(("value", "status"), [("262144", Status.PASS), ("65530", Status.FAIL)])
def test_elasticsearch_has_a_least(value: str, status: Status) -> None:
    (found,) = ask(sysctl_max_map_count, SEARCHING, sysctls={"vm.max_map_count": value})
    assert (found.subject, found.status, found.observed) == (
        "elasticsearch",
        status,
        f"vm.max_map_count is {value}",
    )
    assert found.remedy.startswith("sysctl -w vm.max_map_count=262144") == (status is Status.FAIL)


def test_nobody_else_needs_it() -> None:
    assert ask(sysctl_max_map_count, sysctls={"vm.max_map_count": "65530"}) == ()
