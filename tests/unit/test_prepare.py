"""What has to be there before the services start: made once, whole or not at all."""

from __future__ import annotations

import base64
import io
import os
import stat
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_engine import FakeEngine
from tests.support.plans import plan
from toolkit.engine.archive import Entry, tar_stream
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed
from toolkit.errors import EngineError
from toolkit.planning.plan import GeneratedModel, OwnedVolume
from toolkit.resources import resource_dir
from toolkit.routines.prepare import generate_model, own_volume, prepare_state
from toolkit.state.directory import StateDirectory
from toolkit.state.keys import Keys

MODEL = GeneratedModel(".toolkit/models/tiny-0", 7)
NO_MODELS = ("services.llm_general.enabled=false", "services.llm_fast.enabled=false")


class Generator(FakeEngine):
    """An engine whose container gives what it made as a tar in base64, then ends with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__()
        made = base64.encodebytes(
            b"".join(tar_stream([Entry("./", 0o755, 0, 0), Entry("./config.json", 0o600, 0, 0, text="{}")]))
        )
        self.refusals["make_tiny"] = (code, made.decode(), "one\ntwo\nthree\nfour\nfive\nsix\n")
        self.scripts: list[list[str]] = []

    def run(self, argv: Sequence[str], **how: Any) -> Completed:
        with tarfile.open(fileobj=io.BytesIO(b"".join(how["stdin"]))) as given:
            self.scripts.append(given.getnames())
        return super().run(argv, **how)


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path, "testing").ensure()


def test_secrets_keys_and_the_redis_users_are_made_once(state: StateDirectory) -> None:
    first = prepare_state(state, plan())
    before = {path: path.read_bytes() for path in state.root.rglob("*") if path.is_file()}

    assert [key.name for key in first] == ["toolkit", "default"]
    (acl,) = (path for path in before if path.name == "users.acl")
    assert b"{sha256:" not in before[acl]
    assert before[acl].count(b" #") == 2
    assert prepare_state(state, plan()) == ()
    assert {path: path.read_bytes() for path in state.root.rglob("*") if path.is_file()} == before


def test_a_key_that_was_taken_back_does_not_come_again_but_the_toolkit_s_own_does(
    state: StateDirectory,
) -> None:
    prepare_state(state, plan())
    keys = Keys(state)
    keys.revoke("default")
    assert prepare_state(state, plan()) == ()

    keys.add("alice")
    keys.revoke("toolkit")
    assert [key.name for key in prepare_state(state, plan())] == ["toolkit"]
    assert [key.name for key in keys.all()] == ["alice", "toolkit"]


def test_without_models_there_are_no_keys(state: StateDirectory) -> None:
    assert prepare_state(state, plan(*NO_MODELS)) == ()
    assert not (state.edge / "keys.map").exists()


def test_a_model_is_generated_once_and_appears_whole(tmp_path: Path) -> None:
    engine = Generator(0)

    assert generate_model(engine, MODEL, "llm-stack/vllm:0.32", tmp_path, resource_dir("compose"))
    assert not generate_model(engine, MODEL, "llm-stack/vllm:0.32", tmp_path, resource_dir("compose"))

    models = tmp_path / ".toolkit" / "models"
    assert [path.name for path in models.iterdir()] == ["tiny-0"]
    assert [path.name for path in (models / "tiny-0").iterdir()] == ["config.json"]
    made = models / "tiny-0" / "config.json"
    assert (made.read_text(), stat.S_IMODE(made.stat().st_mode)) == ("{}", 0o644)
    assert engine.scripts == [["make_tiny_model.py", "make_tiny_embeddings.py"]]
    assert engine.said[0].endswith("generate make_tiny_model.py 7")


def test_each_kind_of_model_has_its_generator(tmp_path: Path) -> None:
    engine = Generator(0)
    model = GeneratedModel(".toolkit/models/tiny-embeddings-0", 0, "embeddings")

    assert generate_model(engine, model, "llm-stack/vllm:0.32", tmp_path, resource_dir("compose"))

    assert engine.said[0].endswith("generate make_tiny_embeddings.py 0")


def test_a_generation_that_fails_leaves_nothing_and_shows_the_last_lines(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        generate_model(Generator(1), MODEL, "llm-stack/vllm:0.32", tmp_path, resource_dir("compose"))

    assert str(caught.value) == (
        "generated model: llm-stack/vllm:0.32 could not make it (exit code 1)\n"
        "   got: two\n        three\n        four\n        five\n        six\n"
        "  next: choose another `model:` in toolkit.yaml"
    )
    assert list((tmp_path / ".toolkit" / "models").iterdir()) == []


def test_a_new_volume_is_given_away_by_a_container_that_may_do_only_that(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("name: p\nservices: {redis: {}}\n")
    engine = FakeEngine()

    own_volume(ComposeEngine(engine, "p", tmp_path), OwnedVolume("data", "redis", "/data", 1001, 1002))

    assert engine.said == ["run 0:0 CHOWN chown redis 1001:1002 /data"]


APPLICATION = (
    'services.api_server.image="example/api:1"',
    "services.api_server.uid=1234",
    "services.api_server.uses=[edge, mariadb]",
)


def test_an_application_has_copies_of_its_own_of_what_it_needs(state: StateDirectory) -> None:
    prepare_state(state, plan(*APPLICATION))

    made = {file.name: file.read_text() for file in state.secrets.iterdir()}
    key = (state.keys / "applications.key").read_text()
    assert made["api-server.mariadb-password"] == made["mariadb-password"]
    assert made["api-server.llm-api-key"] == key
    copy = state.secrets / "api-server.llm-api-key"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    if os.geteuid() == 0:
        assert copy.stat().st_uid == 1234


def test_a_copy_follows_its_source(state: StateDirectory) -> None:
    prepare_state(state, plan(*APPLICATION))
    keys = Keys(state)
    keys.revoke("applications")

    assert [key.name for key in prepare_state(state, plan(*APPLICATION))] == ["applications"]

    key, copy = state.keys / "applications.key", state.secrets / "api-server.llm-api-key"
    assert copy.read_text() == key.read_text()
