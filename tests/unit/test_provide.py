"""Where images come from: shipped ones are built or pulled, those of the user's own only pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fake_engine import FakeEngine
from tests.support.listener import Listener
from tests.support.plans import plan
from toolkit.engine.compose import ComposeEngine
from toolkit.errors import EngineError
from toolkit.resources import resource_dir
from toolkit.routines.provide import provide_images

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.planning.plan import ImageSource

OWN = 'own_services.mine={image: "mine:1"}'


def provide(engine: FakeEngine, directory: Path, source: ImageSource) -> list[str]:
    """Provide the image of the own service; return what the engine was told."""
    services = [service for service in plan(OWN).services if service.name == "mine"]
    compose = ComposeEngine(engine, "p", directory)
    provide_images(engine, compose, resource_dir("compose"), source, services, Listener())
    return engine.said


@pytest.mark.parametrize("source", ["local", "registry"])
def test_an_own_image_is_pulled_where_it_is_not_there(tmp_path: Path, source: ImageSource) -> None:
    assert provide(FakeEngine(), tmp_path, source)[-1] == "pull mine:1"


@pytest.mark.parametrize("source", ["local", "registry"])
def test_an_own_image_that_is_there_is_taken(tmp_path: Path, source: ImageSource) -> None:
    engine = FakeEngine()
    engine.images.add("mine:1")
    assert [words for words in provide(engine, tmp_path, source) if "image inspect" not in words] == []


def test_an_own_image_that_nobody_has_is_told(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.refusals["pull mine:1"] = (1, "", "Error response from daemon: pull access denied for mine")
    with pytest.raises(EngineError, match="mine:1"):
        provide(engine, tmp_path, "local")
