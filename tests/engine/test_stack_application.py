"""Applications of the user's own in a real stack: what they are given, whom they reach, how they are started."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import docker, inside, inspect
from tests.support.models import lend
from tests.support.stack import HEALTHY_SOON, OFF, TINY, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
UID = 4321
HEALTH = ["python3", "-S", "/app.py", "health"]
SECRETS = {
    "llm-api-key": "keys/applications.key",
    "mariadb-password": "secrets/mariadb-password",
    "redis-password": "secrets/redis-app-password",
}


@pytest.fixture(scope="module")
def apps(application_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One model, the data tier, two replicas of an application, one that may go out, one on demand."""
    # Amounts, not shares: a replica more would change what is left for the others.
    small = {"memory": "256MiB", "health": HEALTHY_SOON["health"]}
    common = {**small, "image": application_image, "health_command": HEALTH}
    running = Stack(
        tmp_path_factory.mktemp("apps"),
        llm_general={**TINY, "memory": "3GiB"},
        llm_fast=OFF,
        prometheus=OFF,
        redis=small,
        mariadb={**small, "memory": "1GiB"},
        api_server={**common, "uid": UID, "gid": UID, "replicas": 2},
        training_server={**common, "enabled": True},
    )
    profile = running.directory / "toolkit.yaml"
    mine = {"courier": {**common, "fragment": "courier.yaml", "outbound": True}}
    profile.write_text(f"{profile.read_text()}own_services: {json.dumps(mine)}\n")
    text = "restart: unless-stopped\nread_only: true\ncap_drop: [ALL]\nhostname: courier\n"
    (running.directory / "courier.yaml").write_text(text)
    with gone_at_the_end(lend(running)) as apps:
        apps.up("--wait=models")
        yield apps


def replicas(apps: Stack) -> list[str]:
    label = ("--filter", f"label=com.docker.compose.project={apps.project}")
    named = ("--filter", "label=com.docker.compose.service=api-server")
    return sorted(docker("ps", "--format", "{{.Names}}", *label, *named).split())


def app(container: str, *words: str) -> subprocess.CompletedProcess[str]:
    return inside(container, "python3", "-S", "/app.py", *words)


def look(container: str) -> Any:
    done = app(container, "look")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_replica_can_use_everything_that_it_was_given(apps: Stack) -> None:
    names = replicas(apps)
    assert len(names) == 2
    for name in names:
        seen = look(name)
        assert seen["uid"] == UID
        assert seen["redis"] == "+OK +OK $3 yes"
        assert seen["mariadb"] == "OK"
        assert seen["completion"]


def test_every_secret_is_a_file_of_its_own_that_only_its_reader_can_read(apps: Stack) -> None:
    found = look(replicas(apps)[0])["secrets"]
    sums = {
        name: hashlib.sha256((apps.state / path).read_bytes()).hexdigest() for name, path in SECRETS.items()
    }
    assert found == {name: {"uid": UID, "mode": "0o600", "sha256": digest} for name, digest in sums.items()}


def test_variables_tell_the_stack_and_no_secret(apps: Stack) -> None:
    told = look(replicas(apps)[0])["environment"]
    assert {
        "ENVIRONMENT": "development",
        "FAST_STARTUP": "true",
        "PRELOAD_MODELS": "false",
        "CACHE_MEMORY_LIMIT_MB": "200",
        "ENABLE_PERFORMANCE_MONITORING": "false",
        "OPENAI_BASE_URL": "http://edge:8080/v1",
        "LLM_GENERAL_MODEL": "general",
        "MARIADB_HOST": "mariadb",
        "REDIS_HOST": "redis",
        "DB_POOL_SIZE": "15",
    }.items() <= told.items()
    assert "LLM_FAST_MODEL" not in told
    assert not [value for value in told.values() if value in apps.secrets().values()]


def test_only_who_may_go_out_reaches_the_host_and_the_world(apps: Stack) -> None:
    inner, outer = replicas(apps)[0], apps.container("courier")
    with socket.create_server(("0.0.0.0", 0)) as door:
        port = str(door.getsockname()[1])
        gateways = [gateway(f"{apps.project}_{name}") for name in ("outbound", "apps")]
        with ThreadPoolExecutor() as pool:
            reached = list(
                pool.map(lambda address: app(inner, "reach", address, port), (*gateways, "203.0.113.1"))
            )
        assert all(done.returncode != 0 for done in reached)
        done = app(outer, "reach", gateway(f"{apps.project}_outbound"), port)
    assert (done.returncode, done.stderr) == (0, "")
    assert inspect(outer)["Config"]["Hostname"] == "courier"
    assert [name.removeprefix(f"{apps.project}_") for name in networks(outer)] == ["apps", "outbound"]
    assert [name.removeprefix(f"{apps.project}_") for name in networks(inner)] == ["apps", "data"]


def gateway(network: str) -> str:
    """Return the address of this machine in a network of the engine."""
    found: str = json.loads(docker("network", "inspect", network))[0]["IPAM"]["Config"][0]["Gateway"]
    return found


def networks(container: str) -> list[str]:
    return sorted(inspect(container)["NetworkSettings"]["Networks"])


def test_one_replica_more_starts_one_container_and_touches_no_other(apps: Stack) -> None:
    before, lives = replicas(apps), apps.lives()

    done = apps.up("--set=services.api_server.replicas=3")

    assert [(one["service"], one["cause"]) for one in done["actions"]] == [
        ("api-server", "2 of 3 replicas are there")
    ]
    after = replicas(apps)
    assert len(after) == 3
    assert set(before) < set(after)
    same = {name: life for name, life in apps.lives().items() if name != "api-server"}
    assert same == {name: life for name, life in lives.items() if name != "api-server"}
    # The same again with the number as it was takes that one away.
    assert [(one["service"], one["cause"]) for one in apps.up()["actions"]] == [
        ("api-server", "3 of 2 replicas are there")
    ]
    assert replicas(apps) == before


def test_what_runs_on_demand_is_started_and_stopped_by_name(apps: Stack) -> None:
    assert "training-server" not in apps.lives()

    said = apps.toolkit("start", "training-server", "--output=json").json
    assert said == {"started": {"training-server": "healthy"}}
    running = apps.lives()
    assert apps.up()["actions"] == []
    assert apps.lives() == running

    apps.toolkit("stop", "training-server", "courier")
    states = {n: inspect(apps.container(n))["State"]["Status"] for n in ("training-server", "courier")}
    assert states == {"training-server": "exited", "courier": "exited"}
    assert [(one["service"], one["kind"]) for one in apps.up()["actions"]] == [("courier", "start")]
    assert inspect(apps.container("training-server"))["State"]["Status"] == "exited"


def test_down_takes_what_ran_on_demand_along(apps: Stack) -> None:
    apps.toolkit("start", "training-server")
    assert "training-server" in apps.toolkit("down", "--output=json").json["removed"]
    assert apps.lives() == {}
