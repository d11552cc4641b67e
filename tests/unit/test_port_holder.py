"""Who holds a port: the project's own containers do not stand in their own way, those of others do."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.fake_engine import HEALTHY, FakeEngine
from toolkit.probes.containers import Containers
from toolkit.routines.port_holder import port_holder


class Publishing(FakeEngine):
    """An engine where one container publishes every port that is asked for; it is in no project but ours."""

    def __init__(self, holder: str) -> None:
        super().__init__()
        self.holder = holder
        labels = {"com.docker.compose.service": "prometheus"}
        self.boxes["prometheus"] = {
            "Id": "id-prometheus",
            "Name": "/llm-testing-prometheus-1",
            "Image": "sha256:1",
            "Config": {"Labels": labels},
            "State": {**HEALTHY, "ExitCode": 0},
        }

    def containers(self, filters: Mapping[str, Any], *, stopped: bool) -> list[dict[str, Any]]:
        if "publish" in filters:
            return [{"Names": [f"/{self.holder}"]}] if self.holder else []
        return super().containers(filters, stopped=stopped)


@pytest.mark.parametrize(
    ("container", "holder"),
    [
        ("llm-testing-prometheus-1", None),
        ("llm-testing-other-prometheus-1", "container llm-testing-other-prometheus-1"),
    ],
)
def test_a_container_of_the_project_holds_no_port_against_it(container: str, holder: str | None) -> None:
    assert (
        port_holder(Containers(Publishing(container)), "llm-testing", far=False)("127.0.0.1", 9090) == holder
    )


def test_a_process_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = port_holder(Containers(Publishing("")), "llm-testing", far=False)("127.0.0.1", port)
    assert said is not None
    assert "pid" in said
