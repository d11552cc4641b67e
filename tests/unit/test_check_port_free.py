"""port.free: who holds it, or why nobody could."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.port_free import port_free
from toolkit.facts import PortFact


@pytest.mark.parametrize(
    ("holder", "refusal", "status", "observed", "cause"),
    [
        ("", "", Status.PASS, "port 10.0.0.2:8001 is free, or its own already", ""),
        ("nginx (pid 812)", "", Status.FAIL, "port 10.0.0.2:8001 is taken", "held by nginx (pid 812)"),
        ("", "not ours", Status.FAIL, "nobody can listen on 10.0.0.2:8001", "not ours"),
    ],
)
def test_a_port_is_free_or_somebody_s(
    holder: str, refusal: str, status: Status, observed: str, cause: str
) -> None:
    (found,) = ask(port_free, ports=(PortFact("edge", "10.0.0.2", 8001, holder, refusal),))
    assert (found.subject, found.status, found.observed, found.cause) == ("edge", status, observed, cause)
    assert bool(found.remedy) == (status is Status.FAIL)


def test_the_section_to_change_is_named() -> None:
    (found,) = ask(port_free, ports=(PortFact("edge", "127.0.0.1", 8001, "x"),))
    assert found.remedy == "stop it, or choose another port: services.edge.port in toolkit.yaml"


def test_the_section_of_a_service_of_the_user_s_own_is_named_as_such() -> None:
    own = plan("own_services.search_api.image=mine:1", "own_services.search_api.health_command=[check]")
    (found,) = ask(port_free, own, ports=(PortFact("search-api", "10.0.0.2", 8080, "x"),))
    assert found.remedy == "stop it, or choose another port: own_services.search_api.port in toolkit.yaml"
