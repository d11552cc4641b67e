"""The file of a remembered plan: believed for the same inputs, whole, and ours alone; without anything secret."""

from __future__ import annotations

import json
import os
import re
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tests.support.plans import bundle, plan
from toolkit.render.remembered import Remembered, remember
from toolkit.routines.prepare import prepare_state
from toolkit.state.directory import StateDirectory
from toolkit.state.remembered import Memory, recall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INPUTS = "1" * 64


def some_plan() -> Remembered:
    url = "http://127.0.0.1:8001"
    return remember(plan(), bundle(), "/srv/p/b", keys=("toolkit",), sources={"/x": "1"}, edge_url=url)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    found = Memory(StateDirectory(tmp_path, "testing").ensure().remembered(""), INPUTS)
    found.keep(some_plan())
    return found


def test_it_comes_back_as_it_was(tmp_path: Path, memory: Memory) -> None:
    assert memory.path == tmp_path / ".toolkit" / "testing" / "remembered.json"
    assert recall(tmp_path, INPUTS) == some_plan()
    assert memory.path.stat().st_mode & 0o777 == 0o600


def test_whichever_environment_the_inputs_chose_is_found(tmp_path: Path, memory: Memory) -> None:
    other = Memory(StateDirectory(tmp_path, "production").ensure().remembered("ai"), "2" * 64)
    wanted, rendered = plan(environment="production"), bundle(environment="production")
    other.keep(remember(wanted, rendered, "/b", keys=(), sources={}, edge_url=None))

    found = recall(tmp_path, "2" * 64)
    assert found is not None
    assert (found.environment, found.wait_for_models) == ("production", True)
    assert recall(tmp_path, memory.inputs) == some_plan()


def test_other_inputs_and_unknown_ones_find_nothing(tmp_path: Path, memory: Memory) -> None:
    assert memory.path.exists()
    assert recall(tmp_path, "0" * 64) is None
    assert recall(tmp_path, None) is None
    assert recall(tmp_path / "nowhere", INPUTS) is None


def cut(path: Path) -> None:
    path.write_text(path.read_text()[:-10])


def one_service_less(path: Path) -> None:
    body = json.loads(path.read_text())
    del body["plan"]["services"][0]
    path.write_text(json.dumps(body))


def without_models(path: Path) -> None:
    body = json.loads(path.read_text())
    del body["plan"]["models"]
    body["digest"] = sha256(json.dumps(body["plan"], sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(body))


def a_symlink(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        one_service_less,
        without_models,
        a_symlink,
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text(f'{{"inputs": "{INPUTS}"}}'),
        lambda path: path.chmod(0o660),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=[
        "cut",
        "shorter",
        "poorer",
        "symlink",
        "no text",
        "a list",
        "empty",
        "open to others",
        "a directory",
    ],
)
def test_what_is_not_whole_or_not_ours_alone_is_not_believed(
    tmp_path: Path, memory: Memory, damage: Callable[[Path], object]
) -> None:
    damage(memory.path)
    assert recall(tmp_path, INPUTS) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_user_s_file_is_not_believed(tmp_path: Path, memory: Memory) -> None:
    os.chown(memory.path, 1234, 1234)
    assert recall(tmp_path, INPUTS) is None


def test_forgotten_is_gone_and_once_is_enough(tmp_path: Path, memory: Memory) -> None:
    memory.forget()
    memory.forget()
    assert recall(tmp_path, INPUTS) is None
    assert not memory.path.exists()


def test_a_place_that_cannot_be_written_only_forgets(tmp_path: Path) -> None:
    Memory(tmp_path / "nowhere" / "remembered.json", INPUTS).keep(some_plan())
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_a_secret_is_in_it(tmp_path: Path, memory: Memory) -> None:
    state = StateDirectory(tmp_path, "testing")
    prepare_state(state, plan())
    memory.keep(some_plan())
    kept = memory.path.read_text()

    files = [
        *state.secrets.iterdir(),
        *state.keys.iterdir(),
        *state.edge.iterdir(),
        *state.root.glob("redis/*/*"),
    ]
    assert len(files) == 10
    for file in files:
        value = file.read_text()
        assert value not in kept
        assert sha256(value.encode()).hexdigest() not in kept
        assert not [digest for digest in re.findall(r"[0-9a-f]{64}", value) if digest in kept]
