"""Who has a port: a container of ours, one of somebody else's, a program, nobody."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.support.plans import plan
from toolkit.facts import PortFact
from toolkit.probes.engine_api import EngineApi
from toolkit.probes.ports import NOWHERE, port_facts

EDGE = [service for service in plan().services if service.name == "edge"]


class Api:
    """Lists one container for each question."""

    def __init__(self, project: str = "", ip: str = "127.0.0.1", port: int = 8001) -> None:
        labels = {"com.docker.compose.project": project}
        bound = {"IP": ip, "PublicPort": port, "PrivatePort": 8080, "Type": "tcp"}
        self.found: list[dict[str, Any]] = [{"Names": ["/its-name"], "Labels": labels, "Ports": [bound]}]

    def containers(self, filters: Any, *, stopped: bool) -> list[dict[str, Any]]:
        assert (filters, stopped) == ({"publish": ["8001"]}, False)
        return self.found


def found(api: Api, listening: str = "", refusal: str = "") -> PortFact:
    door = cast("EngineApi", api)
    (fact,) = port_facts(EDGE, "llm-testing", door, lambda *_: listening, lambda *_: refusal)
    return fact


@pytest.mark.parametrize(
    ("api", "holder"),
    [
        (Api("llm-testing"), ""),
        (Api("other"), "container its-name"),
        (Api("other", ip="0.0.0.0"), "container its-name"),
        (Api("other", ip="10.0.0.9"), "nginx (pid 8)"),
        (Api("other", port=9000), "nginx (pid 8)"),
    ],
)
def test_a_container_on_the_same_address_holds_it_unless_it_is_ours(api: Api, holder: str) -> None:
    assert found(api, "nginx (pid 8)") == PortFact("edge", "127.0.0.1", 8001, holder, "")


def test_an_address_that_nobody_can_have() -> None:
    assert found(Api(port=1), "", "10.0.0.9 is no address of this machine").refusal.startswith("10.0.0.9")


def test_on_another_machine_only_containers_are_seen() -> None:
    door = cast("EngineApi", Api(port=1))
    assert port_facts(EDGE, "llm-testing", door, NOWHERE, NOWHERE)[0].holder == ""
