"""An engine without any card pins cards as NVIDIA's own hook does, and tells which container got which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.hosts import hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.hosts import Host

pytestmark = pytest.mark.engine
CARDS = tuple(f"GPU-{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
REDIS = "llm-stack/redis:8.0"
NOTHING: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Host, Host]]:
    with hosts("cards", "bare", cards={"cards": CARDS}) as (cards, bare):
        yield cards, bare


def services(wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Return a Compose file with a service for each of `wanted`, which asks for these ids of cards."""
    ask = {"driver": "nvidia", "capabilities": ["gpu"]}
    found = {
        name: {
            "image": REDIS,
            "deploy": {"resources": {"reservations": {"devices": [{**ask, "device_ids": list(ids)}]}}},
        }
        for name, ids in wanted.items()
    }
    return yaml.safe_dump({"services": found})


def test_compose_pins_exactly_the_cards_that_it_names(pair: tuple[Host, Host], tmp_path: Path) -> None:
    host, _ = pair
    wanted = {"first": ("0",), "third": (CARDS[2],), "two": ("1", CARDS[2])}
    file = tmp_path / "compose.yaml"
    file.write_text(services(wanted))
    done = host.run("docker", "compose", "--project-name=pins", f"--file={file}", "up", "--detach")
    assert done.returncode == 0, done.stderr
    for service, ids in wanted.items():
        container = f"pins-{service}-1"
        assert host.pinned(container) == ids
        (request,) = host.inspect(container)["HostConfig"]["DeviceRequests"]
        assert (request["Driver"], tuple(request["DeviceIDs"])) == ("nvidia", ids)


def test_who_asks_for_all_or_none_gets_all_or_none(pair: tuple[Host, Host]) -> None:
    host, _ = pair
    for name, options, ids in (("all", ("--gpus=all",), ("0", "1", "2")), ("none", (), NOTHING)):
        host.docker("run", "--detach", f"--name={name}", *options, REDIS)
        assert host.pinned(name) == ids


def test_a_card_that_is_not_there_is_refused_in_nvidias_words(
    pair: tuple[Host, Host], tmp_path: Path
) -> None:
    host, _ = pair
    for number, absent in enumerate(("3", "GPU-ffffffff")):
        file = tmp_path / "compose.yaml"
        file.write_text(services({"absent": (absent,)}))
        project = f"--project-name=absent{number}"
        done = host.run("docker", "compose", project, f"--file={file}", "up", "--detach")
        assert done.returncode == 1
        assert f"nvidia-container-cli: device error: {absent}: unknown device" in done.stderr
        assert host.pinned(f"absent{number}-absent-1") == NOTHING


def test_a_card_can_fail_between_two_starts(pair: tuple[Host, Host]) -> None:
    host, _ = pair
    host.docker("run", "--detach", "--name=last", "--gpus=device=2", REDIS)
    host.gpus.inventory.write_text(json.dumps(CARDS[:2]))
    try:
        refused = host.run("docker", "restart", "last")
    finally:
        host.gpus.inventory.write_text(json.dumps(CARDS))
    assert "nvidia-container-cli: device error: 2: unknown device" in refused.stderr
    host.docker("start", "last")
    assert host.pinned("last") == ("2",)


def test_a_host_without_cards_has_no_driver_for_them(pair: tuple[Host, Host]) -> None:
    _, bare = pair
    refused = bare.run("docker", "run", "--rm", "--gpus=all", REDIS)
    assert refused.returncode == 125
    assert "could not select device driver" in refused.stderr
