"""The table of images: official pins, local builds, what has none; and how the verbs tell it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from toolkit.cli.app import run
from toolkit.errors import UsageError
from toolkit.planning.images import BUILDABLE, PINS, ImagePin, image_ref
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

CONTEXTS = resource_dir("compose") / "images"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on PATH; a test writes into it what the command `docker` does."""
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return program


@pytest.mark.parametrize("name", BUILDABLE)
def test_what_can_be_built_has_both_references_and_a_context(name: str) -> None:
    pin = PINS[name]
    assert pin.name == name
    assert image_ref(pin, "registry") == pin.registry
    assert image_ref(pin, "local") == pin.local == f"llm-stack/{pin.context}:{pin.version}"
    assert (CONTEXTS / pin.context / "Dockerfile").is_file()


OFFICIAL = {name: pin for name, pin in PINS.items() if pin.registry}


@pytest.mark.parametrize("pin", OFFICIAL.values(), ids=OFFICIAL)
def test_official_pins_are_exact_releases_of_the_version(pin: ImagePin) -> None:
    tag = re.search(r":v?(\d+\.\d+)\.\d+(-pg\d+)?(-trixie)?$", pin.registry)
    assert tag is not None
    assert tag[1] + (tag[2] or "") == pin.version


def test_every_context_but_the_base_belongs_to_a_pin() -> None:
    contexts = {path.parent.name for path in CONTEXTS.glob("*/Dockerfile")}
    assert contexts == {"base", *(PINS[name].context for name in BUILDABLE)}


def test_elasticsearch_comes_from_the_registry_only() -> None:
    pin = PINS["elasticsearch"]
    assert image_ref(pin, "registry") == "docker.elastic.co/elasticsearch/elasticsearch:8.19.22"
    assert (pin.uid, pin.gid) == (1000, 0)
    with pytest.raises(UsageError) as caught:
        image_ref(pin, "local")
    assert str(caught.value) == (
        "services.elasticsearch: its image cannot be built on a machine: Debian has no package of it\n"
        "   got: only docker.elastic.co/elasticsearch/elasticsearch:8.19.22\n"
        "  next: `services.elasticsearch.enabled=false`, or `image_source: registry`"
    )


@pytest.mark.usefixtures("docker")
def test_the_list_tells_what_has_no_local_build(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["images", "list", "--output", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["images"]}
    assert set(rows) == set(PINS)
    assert (rows["elasticsearch"]["local"], rows["elasticsearch"]["local_state"]) == (None, "none")
    assert (rows["nginx"]["local"], rows["nginx"]["local_state"]) == ("llm-stack/nginx:1.26", "missing")
    assert run(["images", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("elasticsearch"))
    assert row.split() == ["elasticsearch", PINS["elasticsearch"].registry, "no", "-", "none", "-"]
    assert len({line.index(word) for line, word in ((lines[0], "PULLED"), (row, "no "))}) == 1


def test_the_command_builds_all_that_a_cpu_stack_can_need(
    docker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.write_text("#!/bin/sh\necho Cannot connect to the Docker daemon >&2; exit 1\n")
    assert run(["images", "build", "elasticsearch"]) == 2
    assert "services.elasticsearch: its image cannot be built" in capsys.readouterr().err
    # of none that cannot be built, or it would end like that
    assert run(["images", "build"]) == 3
