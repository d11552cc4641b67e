"""What the shipped personas, the preset and the strict set come to in a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rendering import MACHINES
from toolkit.planning.build import build_plan
from toolkit.planning.plan import Plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir
from toolkit.units import MIB

MACHINES_OF_TODAY = ("cpu-offline", "rtx-5090", "two-hosts")


def plan(
    machine: str, where: Path, more: str = "", *, persona: str | None = None, strict: bool = False
) -> Plan:
    """Plan development for a machine of tests/data, with `more` in its toolkit.yaml."""
    (where / "toolkit.yaml").write_text((MACHINES / machine / "toolkit.yaml").read_text() + more)
    loaded = load_profile(
        where,
        environment="development",
        hardware=None,
        sets=(),
        profiles_dir=resource_dir("profiles"),
        persona=persona,
        strict=strict,
    )
    return build_plan(loaded.settings)


def flag(plan: Plan, service: str, name: str) -> str:
    found = plan.service(service)
    assert found is not None
    return found.command[found.command.index(name) + 1]


@pytest.mark.parametrize("machine", MACHINES_OF_TODAY)
@pytest.mark.parametrize("persona", ["speed-runner", "multi-tasker", "data-analyst"])
def test_every_persona_can_be_planned_on_every_machine(machine: str, persona: str, tmp_path: Path) -> None:
    assert plan(machine, tmp_path, persona=persona).services


@pytest.mark.parametrize("machine", MACHINES_OF_TODAY)
def test_the_speed_runner_gives_redis_a_gibibyte_and_takes_nothing_from_it(
    machine: str, tmp_path: Path
) -> None:
    key = "services.redis.maxmemory"
    before, after = (
        plan(machine, tmp_path, persona=name).reasons[key].value for name in (None, "speed-runner")
    )
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after >= 1024 * MIB
    assert after == before or before < 1024 * MIB


@pytest.mark.parametrize("service", ["llm-general", "llm-fast"])
def test_the_multi_tasker_lets_a_thousand_wait_and_refuses_the_next(service: str, tmp_path: Path) -> None:
    found = plan("rtx-5090", tmp_path, persona="multi-tasker")
    assert flag(found, service, "--max-num-queued-reqs") == "1024"


def test_the_edge_of_the_multi_tasker_can_hold_a_body_of_every_connection(tmp_path: Path) -> None:
    edge = plan("rtx-5090", tmp_path, persona="multi-tasker").service("edge")
    assert edge is not None
    assert edge.config is not None
    connections, buffer = (edge.config.values[name] for name in ("max_connections", "bufsize"))
    assert isinstance(connections, int)
    assert isinstance(buffer, int)
    assert connections == 3000
    assert edge.memory_bytes >= connections * buffer + 128 * MIB


def test_exaone_with_its_own_flags_code_and_commit(tmp_path: Path) -> None:
    found = plan("two-hosts", tmp_path, "preset: exaone\n")
    for service, model in (("llm-general", "7.8B"), ("llm-fast", "2.4B")):
        placed = found.service(service)
        assert placed is not None
        assert placed.command[0] == f"LGAI-EXAONE/EXAONE-3.5-{model}-Instruct-AWQ"
        assert "--trust-remote-code" in placed.command
        assert len(flag(found, service, "--revision")) == 40
        assert flag(found, service, "--max-model-len") == "32768"
        assert flag(found, service, "--gpu-memory-utilization") == "0.9"


def test_the_strict_set_plans_with_less_of_a_card_whatever_the_preset_says(tmp_path: Path) -> None:
    for more in ("", "preset: exaone\n"):
        found = plan("two-hosts", tmp_path, more, strict=True)
        assert flag(found, "llm-general", "--gpu-memory-utilization") == "0.75"


def test_the_strict_set_promises_less_than_seventy_percent_of_a_host(tmp_path: Path) -> None:
    for host in plan("two-hosts", tmp_path, strict=True).hosts:
        assert host.planned_bytes <= 0.7 * host.memory_bytes
        assert host.headroom_bytes >= 0.3 * host.memory_bytes - 2**20


def test_without_a_card_the_strict_set_says_nothing_of_one(tmp_path: Path) -> None:
    placed = plan("cpu-offline", tmp_path, strict=True).service("llm-general")
    assert placed is not None
    assert "--gpu-memory-utilization" not in placed.command
