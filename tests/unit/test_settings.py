"""Sections of a profile: strict, frozen, and the same after writing and reading."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.plans import settings
from toolkit.settings.edge import Edge
from toolkit.settings.models import Model
from toolkit.settings.root import Engine, Settings


def changed(section: Any, **values: object) -> Any:
    """Validate `section` anew with some of its values replaced, as a layer would."""
    return type(section).model_validate({**section.model_dump(), **values})


def messages(error: ValidationError) -> list[tuple[str, str]]:
    return [(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()]


@pytest.mark.parametrize("machine", ["cpu-offline", "cpu-online"])
def test_settings_survive_writing_and_reading(machine: str) -> None:
    before = settings(machine=machine)
    assert Settings.model_validate(before.model_dump()) == before
    assert Settings.model_validate_json(before.model_dump_json()) == before


def test_amounts_are_numbers_inside_and_text_outside() -> None:
    redis = settings().services.redis
    assert (redis.memory, redis.memory_floor, redis.idle_timeout) == (0.059, 256 * 2**20, 300.0)
    written = redis.model_dump()
    assert (written["memory"], written["memory_floor"], written["idle_timeout"]) == ("5.9%", "256MiB", "5m")
    fixed = settings("services.redis.memory=1GiB").services.redis
    assert (fixed.memory, fixed.model_dump()["memory"]) == (2**30, "1GiB")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings().services.redis.memory = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"memory": 1024}, "memory", "an amount with its unit, such as 2GiB or 12.5%"),
        ({"memory": "1.5"}, "memory", "an amount of memory with its unit, such as 512MiB or 2GiB"),
        ({"memory": None}, "memory", "an amount with its unit, such as 2GiB or 12.5%"),
        ({"memory": "1000B"}, "memory", "an amount of memory of at least 1KiB"),
        ({"memory": "0%"}, "memory", "a share of the host above 0% and at most 100%"),
        ({"memory": "101%"}, "memory", "a share of the host above 0% and at most 100%"),
        ({"memory_floor": "1000B"}, "memory_floor", "Input should be greater than or equal to 1024"),
        ({"idle_timeout": 30}, "idle_timeout", "an amount with its unit, such as 30s"),
        ({"idle_timeout": "0s"}, "idle_timeout", "Input should be greater than or equal to 0.001"),
        ({"idle_timeout": "0.1ms"}, "idle_timeout", "Input should be greater than or equal to 0.001"),
        ({"max_clients": "4000"}, "max_clients", "Input should be a valid integer"),
        ({"max_clients": True}, "max_clients", "Input should be a valid integer"),
        ({"max_clients": 15}, "max_clients", "Input should be greater than or equal to 16"),
        ({"persistence": "yes"}, "persistence", "Input should be a valid boolean"),
        ({"maxmemory_share": 1.01}, "maxmemory_share", "Input should be less than or equal to 1"),
        ({"maxmemory_share": 0}, "maxmemory_share", "Input should be greater than 0"),
        ({"memroy": "1GiB"}, "memroy", "Extra inputs are not permitted"),
        ({"cpus": 0}, "cpus", "Input should be greater than 0"),
        ({"pids": 15}, "pids", "Input should be greater than or equal to 16"),
    ],
)
def test_a_wrong_value_is_refused_in_its_own_words(
    values: dict[str, object], path: str, message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        changed(settings().services.redis, **values)
    assert messages(caught.value) == [(path, message)]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_the_edge_listens_on_an_address(address: str) -> None:
    edge = changed(settings().services.edge, address=address)
    assert isinstance(edge, Edge)
    assert edge.address == address


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"address": "localhost"}, "an IP address of this machine, such as 127.0.0.1 or 0.0.0.0"),
        ({"address": "1.2.3"}, "an IP address of this machine, such as 127.0.0.1 or 0.0.0.0"),
        ({"port": 0}, "Input should be greater than or equal to 1"),
        ({"port": 65536}, "Input should be less than or equal to 65535"),
    ],
)
def test_the_edge_refuses_names_and_ports_that_are_none(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        changed(settings().services.edge, **values)
    assert [text for _, text in messages(caught.value)] == [message]


@pytest.mark.parametrize(
    "source",
    [
        "generated",
        "generated-embeddings",
        "hf:Qwen/Qwen3-0.6B",
        "hf:gpt2",
        "dir:/srv/models/mine",
        "dir:models/mine",
    ],
)
def test_a_model_comes_from_one_of_three_places(source: str) -> None:
    model = Model(source=source, revision=None, licence="MIT", trust_remote_code=False, facts=None)
    assert model.source == source


@pytest.mark.parametrize(
    "source", ["Qwen/Qwen3-0.6B", "hf:", "hf:a/b/c", "dir:", "https://x", "generated2", "hf:-x y"]
)
def test_a_model_from_elsewhere_is_refused(source: str) -> None:
    with pytest.raises(ValidationError, match="string_pattern_mismatch"):
        Model(source=source, revision=None, licence="MIT", trust_remote_code=False, facts=None)


@pytest.mark.parametrize("version", ["auto", "20.10", "28.5"])
def test_an_engine_version_is_major_and_minor(version: str) -> None:
    assert Engine(version=version).version == version


@pytest.mark.parametrize("version", ["20", "20.10.24", "v20.10", "newest"])
def test_another_engine_version_is_refused(version: str) -> None:
    with pytest.raises(ValidationError):
        Engine(version=version)
