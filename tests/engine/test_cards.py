"""On a real engine every container sees exactly the cards that the plan gives it, and no other one sees any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.hosts import hosts
from tests.support.rendering import MACHINES
from tests.support.stack import TOOLKIT
from toolkit.cli.options import Common
from toolkit.cli.wiring import Project
from toolkit.settings.root import Services

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.hosts import Host
    from toolkit.planning.plan import ServicePlan

pytestmark = pytest.mark.engine
STAND_IN = "llm-stack/redis:8.0"
AI = tuple(f"GPU-{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
APP = ("GPU-dddddddd-0000-4000-8000-000000000000",)
ONE = "GPU-5d6f2a1c-0b7e-4c55-9a51-2f3d8f6b7c90"
ABSENT = "GPU-ffffffff-0000-4000-8000-000000000000"
LOOKED_AT = "NVIDIA RTX 4000 Ada Generation"


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[Host, ...]]:
    with hosts("ai", "app", "one", "bare", cards={"ai": AI, "app": APP, "one": (ONE,)}) as found:
        yield found


def project_of(directory: Path, machine: str, host: str | None, **more: Any) -> Project:
    """Return a project with a profile of tests/data and `more` keys, its bundle of `host` published."""
    profile = yaml.safe_load((MACHINES / machine / "toolkit.yaml").read_text())
    services = {**profile.get("services", {}), **more.pop("services", {})}
    (directory / "toolkit.yaml").write_text(yaml.safe_dump({**profile, **more, "services": services}))
    project = Project(Common(env="production", host=host, project_dir=directory))
    project.ensure_published()
    return project


def start(host: Host, project: Project) -> None:
    """Start every service of the rendered file, those on demand too, with programs that this machine can run."""
    override = project.directory / f"{host.name}.yaml"
    lines = "\n".join(stand_in(service) for service in project.plan.services)
    override.write_text(f"services:\n{lines}\n")
    files = (f"--file={project.build_dir / 'compose.yaml'}", f"--file={override}")
    done = host.run("docker", "compose", "--profile=on-demand", *files, "up", "--detach", "--pull=never")
    assert done.returncode == 0, done.stderr


def stand_in(service: ServicePlan) -> str:
    """Return what the service is given instead of its own image and all that only this image needs."""
    none = ("volumes", "secrets", "ports", "tmpfs", "sysctls", "ulimits", "healthcheck")
    lines = [f"  {service.name}:", f"    image: {STAND_IN}", "    command: [sleep, infinity]", "    cpus: 1"]
    return "\n".join([*lines, *(f"    {key}: !reset null" for key in none)])


def assert_pinned(host: Host, project: Project, wanted: Mapping[str, tuple[str, ...]]) -> None:
    planned = {s.name: tuple(pin.device_id for pin in s.gpus) for s in project.plan.services}
    assert {name: ids for name, ids in planned.items() if ids} == wanted
    for service in project.plan.services:
        for number in range(1, service.replicas + 1):
            container = f"{project.project_name}-{service.name}-{number}"
            assert host.pinned(container) == planned[service.name]
            asked = host.inspect(container)["HostConfig"]["DeviceRequests"] or []
            ids = tuple(one for request in asked for one in request["DeviceIDs"])
            assert ids == planned[service.name]


def test_both_models_of_one_card_see_that_card_and_nothing_else_does(
    machines: tuple[Host, ...], tmp_path: Path
) -> None:
    one = machines[2]
    project = project_of(tmp_path, "rtx-5090", None)
    start(one, project)
    assert_pinned(one, project, {"llm-general": (ONE,), "llm-fast": (ONE,)})


def test_the_two_hosts_of_the_reference_production_see_their_planned_cards(
    machines: tuple[Host, ...], tmp_path: Path
) -> None:
    ai, app, *_ = machines
    training = {"image": "registry.example.com/training:1.0.0"}
    api = {"image": "registry.example.com/api:1.4.2", "replicas": 1}
    # Those of `ai` were looked at; of `app` nobody knows more than how many there are.
    cards = [{"index": n, "uuid": uuid, "name": LOOKED_AT, "memory": "20475MiB"} for n, uuid in enumerate(AI)]
    addresses = {"ai": {"address": "10.0.0.1", "gpus": cards}, "app": {"address": "10.0.0.2"}}
    wanted = {
        "ai": {
            "llm-general": (AI[0],),
            "llm-fast": (AI[1],),
            "embeddings": (AI[2],),
            "training-server": (AI[2],),
        },
        "app": {"api-server": ("0",)},
    }
    services = {"training_server": training, "api_server": api}
    for host in (ai, app):
        project = project_of(tmp_path, "two-hosts", host.name, hosts=addresses, services=services)
        start(host, project)
        assert_pinned(host, project, wanted[host.name])


def one_job(directory: Path, **host: Any) -> None:
    """Write a profile with one service of the user's own that names a card."""
    job = {"image": STAND_IN, "command": ["sleep", "infinity"], "gpus": [0], "memory": "64MiB"}
    profile = {
        "project": "job",
        "image_source": "registry",
        "model_cache": {"source": "volume"},
        "engine": {"version": "20.10"},
        "hosts": {"local": {"memory": "8GiB", "cpus": 1.0, **host}},
        "services": {name: {"enabled": False} for name in Services.model_fields},
        "own_services": {"job": job},
    }
    (directory / "toolkit.yaml").write_text(yaml.safe_dump(profile))


def up(host: Host, directory: Path) -> str:
    done = host.run(TOOLKIT, "up", "--no-preflight", "--project-dir", str(directory))
    assert done.returncode == 3, done.stdout + done.stderr
    return done.stderr


def preflight(host: Host, directory: Path, check: str) -> dict[str, Any]:
    """Return what a check finds before anything is touched."""
    done = host.run(TOOLKIT, "preflight", "--output=json", "--project-dir", str(directory))
    assert done.returncode == 1, done.stdout + done.stderr
    (found,) = (one for one in json.loads(done.stdout)["findings"] if one["check"] == check)
    return dict(found)


def test_a_card_that_the_host_lacks_is_named_with_the_way_out(
    machines: tuple[Host, ...], tmp_path: Path
) -> None:
    gpus = [{"index": 0, "uuid": ABSENT, "name": "not plugged in", "memory": "20GiB"}]
    one_job(tmp_path, gpus=gpus)
    said = up(machines[2], tmp_path)
    assert f"job: the host has no card {ABSENT}" in said
    assert "next: `nvidia-smi -L` on that host lists its cards" in said
    before = preflight(machines[2], tmp_path, "engine.gpu-runtime")
    assert (before["subject"], before["status"]) == (f"card {ABSENT}", "fail")
    assert f"{ABSENT}: unknown device" in before["cause"]


def test_an_engine_without_nvidias_hook_cannot_give_cards(machines: tuple[Host, ...], tmp_path: Path) -> None:
    one_job(tmp_path, gpus=[{"index": 0, "uuid": None, "name": "one", "memory": "20GiB"}])
    said = up(machines[3], tmp_path)
    assert "job: the engine cannot give GPUs to containers" in said
    assert "next: install the NVIDIA Container Toolkit on that host and restart its engine" in said
    before = preflight(machines[3], tmp_path, "engine.gpu-runtime")
    assert (before["status"], before["subject"]) == ("fail", "card 0")
    assert "could not select device driver" in before["cause"]
    assert preflight(machines[3], tmp_path, "gpu.cards")["status"] == "fail"
