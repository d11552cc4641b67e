"""The short way of `up`: what it says of a stack as remembered, and that it vouches for nothing else."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.clocks import HandClock
from tests.support.http_double import Answers, Request, Response, response
from tests.support.plans import plan
from toolkit.probes.glance import Glance
from toolkit.probes.http import Endpoint
from toolkit.profile.inputs import digests_of
from toolkit.publish import publish
from toolkit.render.remembered import remember
from toolkit.render.render import render
from toolkit.resources import resource_dir
from toolkit.routines.prepare import key_names, prepare_state
from toolkit.routines.unchanged import Unchanged
from toolkit.state.directory import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.planning.plan import ServicePlan
    from toolkit.routines.result import UpResult

URL = "http://127.0.0.1:8001"
NAMES = ("edge", "llm-fast", "llm-general", "mariadb", "prometheus", "redis", "response-cache", "vector-db")


class Standing:
    """A stack that was brought up: files and state on disk, the engine's lists, and the edge's answers."""

    def __init__(self, directory: Path, *sets: str) -> None:
        wanted, self.build, self.directory = plan(*sets), directory / "build" / "testing", directory
        shutil.copy(resource_dir("compose") / "application.yaml", directory / "mine.yaml")
        sources = digests_of([directory / "mine.yaml"])
        rendered = render(wanted, resource_dir("compose"), resource_dir("templates"), directory)
        publish(rendered, self.build)
        self.state = StateDirectory(directory, "testing").ensure()
        prepare_state(self.state, wanted)
        self.remembered = remember(
            wanted, rendered, str(self.build), keys=key_names(wanted), sources=sources, edge_url=URL
        )
        self.images = {s.image: f"sha256:{s.image}" for s in wanted.services}
        self.boxes = {
            f"{s.name}-{n + 1}" if n else s.name: self._box(s, rendered.definitions[s.name])
            for s in wanted.started
            for n in range(s.replicas)
        }
        self.digest = rendered.reload_digests["edge"]
        self.served_by = {model.served_name: model.services[0] for model in wanted.models}
        self.engine_answers: Callable[[Request], Response] = self._lists
        self.asked: list[str] = []
        self.keys_sent: set[str] = set()

    def _box(self, service: ServicePlan, definition: str) -> dict[str, Any]:
        labels = {
            "com.docker.compose.service": service.name,
            "com.docker.compose.project.working_dir": str(self.build),
            "io.llm-stack-toolkit.hash": definition,
        }
        return {
            "Id": f"id-{service.name}",
            "Names": [f"/llm-testing-{service.name}-1"],
            "State": "running",
            "Status": "Up 2 hours (healthy)" if service.awaited else "Up 2 hours",
            "ImageID": f"sha256:{service.image}",
            "Labels": labels,
        }

    def up(self, *, wait_for_models: bool | None = True) -> UpResult | None:
        glance = Glance(Endpoint("unix://", connect=Answers(self.engine_answers)))
        edge = lambda url, key: Endpoint(url, key, Answers(self._edge))  # noqa: E731
        short = Unchanged(self.remembered, self.state, glance, edge, HandClock())
        return short.up(wait_for_models=wait_for_models)

    def _lists(self, request: Request) -> Response:
        self.asked.append(request.path)
        filters = json.loads(parse_qs(urlsplit(request.path).query)["filters"][0])
        if request.path.startswith("/containers/json?all=1&"):
            project = "com.docker.compose.project=llm-testing"
            assert filters == {"label": [project, "com.docker.compose.oneoff=False"]}
            return response(200, json=list(self.boxes.values()))
        assert request.path.startswith("/images/json?")
        found = [{"Id": i, "RepoTags": [n, f"{n}-also"]} for n, i in self.images.items()]
        return response(200, json=[*found, {"Id": "sha256:nameless", "RepoTags": None}])

    def _edge(self, request: Request) -> Response:
        self.asked.append(request.path)
        if request.path == "/healthz":
            return response(200, text=f"ok {self.digest}\n")
        self.keys_sent.add(request.headers["authorization"])
        model = json.loads(request.body)["model"]
        if model not in self.served_by:
            return response(404, json={"error": {"message": "no such model"}})
        body = {"model": model, "choices": [{"message": {"content": "I am."}}]}
        return response(200, json=body, headers={"x-served-by": self.served_by[model]})


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return Standing(tmp_path)


def files_of(directory: Path) -> dict[str, tuple[int, float, bytes]]:
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime, path.read_bytes())
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_stack_as_remembered_is_vouched_for_and_nothing_is_written(
    standing: Standing, tmp_path: Path
) -> None:
    before = files_of(tmp_path)
    found = standing.up()

    assert found is not None
    assert (found.environment, found.project) == ("testing", "llm-testing")
    assert (found.actions, found.written, found.reloaded, found.new_keys) == ((), (), False, ())
    assert dict(found.states) == dict.fromkeys(NAMES, "healthy")
    assert list(found.states) == sorted(NAMES)
    assert {name: one.served_by for name, one in found.completions.items()} == standing.served_by
    assert (found.pending_models, found.endpoint, found.models) == ((), URL, ("general", "fast"))
    assert list(found.phases_s) == ["look", "publish", "edge", "prove"]
    assert standing.keys_sent == {f"Bearer {(standing.state.keys / 'toolkit.key').read_text()}"}
    assert files_of(tmp_path) == before


def test_it_asks_for_two_lists_the_digest_and_one_completion_of_each_model(standing: Standing) -> None:
    standing.up()
    assert [re.split(r"[?]", path)[0] for path in standing.asked] == [
        "/containers/json",
        "/images/json",
        "/healthz",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]


def test_it_names_the_release_that_serves(standing: Standing) -> None:
    numbers = []
    for name in ("9", "10", "begun"):
        (standing.state.releases("") / name).mkdir(parents=True)
        result = standing.up(wait_for_models=False)
        assert result is not None
        numbers.append(result.release)
    assert numbers == [9, 10, 10]


def test_for_the_edge_alone_no_completion_is_asked_for(standing: Standing) -> None:
    found = standing.up(wait_for_models=False)
    assert found is not None
    assert found.completions == {}
    assert standing.keys_sent == set()


def test_without_a_word_the_environment_decides(standing: Standing) -> None:
    found = standing.up(wait_for_models=None)
    assert found is not None
    assert bool(found.completions) is plan().wait_for_models is False


def box(service: str, **found: Any) -> Callable[[Standing], None]:
    return lambda standing: standing.boxes[service].update(found)


def label(service: str, name: str, value: str) -> Callable[[Standing], None]:
    return lambda standing: standing.boxes[service]["Labels"].update({name: value})


def published(path: str, change: Callable[[Path], object]) -> Callable[[Standing], None]:
    return lambda standing: _changed(standing.build / path, change)


def kept(path: str, change: Callable[[Path], object]) -> Callable[[Standing], None]:
    return lambda standing: _changed(next(iter(standing.state.root.glob(path))), change)


def _changed(path: Path, change: Callable[[Path], object]) -> None:
    assert path.exists()
    change(path)


def gone(path: Path) -> None:
    path.unlink()


def longer(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


def without_own_key(standing: Standing) -> None:
    lines = (standing.state.edge / "keys.map").read_text().splitlines(keepends=True)
    (standing.state.edge / "keys.map").write_text("".join(x for x in lines if not x.endswith(" toolkit\n")))


def duplicate(standing: Standing) -> None:
    standing.boxes["other"] = {**standing.boxes["redis"], "Id": "id-redis-2"}


def extra(standing: Standing) -> None:
    labels = {**standing.boxes["redis"]["Labels"], "com.docker.compose.service": "added"}
    standing.boxes["added"] = {**standing.boxes["redis"], "Labels": labels}


def raising(_: Request) -> Response:
    raise ConnectionRefusedError(111, "Connection refused")


SURPRISES: dict[str, Callable[[Standing], object]] = {
    "a container is gone": lambda s: s.boxes.pop("redis"),
    "all containers are gone": lambda s: s.boxes.clear(),
    "a container too many": extra,
    "two containers of one service": duplicate,
    "one has ended": box("redis", State="exited", Status="Exited (0) 2 seconds ago"),
    "one is paused": box("redis", State="paused", Status="Up 2 hours (Paused)"),
    "one keeps restarting": box("redis", State="restarting", Status="Restarting (1) 2 seconds ago"),
    "one was made only": box("redis", State="created", Status="Created"),
    "one is unhealthy": box("redis", Status="Up 2 hours (unhealthy)"),
    "one is starting": box("llm-fast", Status="Up 2 seconds (health: starting)"),
    "one has no health check": box("redis", Status="Up 2 hours"),
    "one speaks of health in its name": box("redis", Status="Up 2 hours (healthy) or so"),
    "another definition": label("redis", "io.llm-stack-toolkit.hash", "0" * 16),
    "made by hand": lambda s: s.boxes["redis"].update(Labels=None),
    "made from another directory": label("redis", "com.docker.compose.project.working_dir", "/elsewhere"),
    "its image has another name now": box("redis", ImageID="sha256:old"),
    "the name is another image's now": lambda s: s.images.update({"llm-stack/redis:8.0": "sha256:new"}),
    "the image is gone": lambda s: s.images.pop("llm-stack/redis:8.0"),
    "compose.yaml is gone": published("compose.yaml", gone),
    "compose.yaml has one character more": published("compose.yaml", longer),
    "a configuration was edited": published("edge/haproxy.cfg", longer),
    "a secret is gone": kept("secrets/mariadb-password", gone),
    "a secret is empty": kept("secrets/redis-app-password", lambda path: path.write_text("")),
    "a secret is open to others": kept("secrets/mariadb-password", lambda path: path.chmod(0o644)),
    "a secret is another one": kept("secrets/redis-app-password", lambda path: path.write_text("other")),
    "a file of digests is gone": kept("redis/*/*.acl", gone),
    "a file of digests was edited": kept("redis/*/*.acl", longer),
    "the directory of digests is closed": kept("redis/*", lambda path: path.chmod(0o700)),
    "the key map is gone": kept("edge/keys.map", gone),
    "the key map is broken": kept("edge/keys.map", lambda path: path.write_text("no key\n")),
    "the key map lacks our own key": without_own_key,
    "our own key is gone": kept("keys/toolkit.key", gone),
    "our own key is another one": kept("keys/toolkit.key", longer),
    "the edge has another configuration": lambda s: setattr(s, "digest", "0" * 12),
    "the stand-in answers": lambda s: s.served_by.update(general="llm-fast"),
    "the edge does not know a model": lambda s: s.served_by.pop("fast"),
    "no engine": lambda s: setattr(s, "engine_answers", raising),
    "an engine that refuses": lambda s: setattr(s, "engine_answers", lambda _: response(500, text="[]")),
    "an engine that stammers": lambda s: setattr(s, "engine_answers", lambda _: response(200, text="[{}]")),
    "an engine that says no JSON": lambda s: setattr(s, "engine_answers", lambda _: response(200, text="<")),
}


@pytest.mark.parametrize("surprise", SURPRISES.values(), ids=SURPRISES)
def test_for_anything_else_the_long_way_is_gone(
    standing: Standing, tmp_path: Path, surprise: Callable[[Standing], object]
) -> None:
    assert standing.up() is not None
    surprise(standing)
    before = files_of(tmp_path)

    assert standing.up() is None
    assert files_of(tmp_path) == before


APPLICATIONS = (
    "services.api_server.image=api:1",
    "services.api_server.uses=[edge, redis]",
    "services.api_server.replicas=2",
    "services.api_server.fragment=mine.yaml",
    "services.training_server.enabled=true",
    "services.training_server.image=train:1",
)


@pytest.fixture
def applied(tmp_path: Path) -> Standing:
    """The stack with two replicas of an application without a health check, and one on demand."""
    return Standing(tmp_path, *APPLICATIONS)


def test_applications_are_vouched_for_as_far_as_the_long_way_does(applied: Standing) -> None:
    found = applied.up()

    assert found is not None
    assert found.services == tuple(service.name for service in plan(*APPLICATIONS).services)
    assert dict(found.states) == {**dict.fromkeys(NAMES, "healthy"), "api-server": "running"}
    assert found.pending_models == ()


def test_one_on_demand_may_run_as_it_was_rendered(applied: Standing) -> None:
    training = plan(*APPLICATIONS).service("training-server")
    assert training is not None
    definition = next(one.definition for one in applied.remembered.services if one.service == training.name)
    applied.boxes[training.name] = applied._box(training, definition)

    found = applied.up()
    assert found is not None
    assert found.states["training-server"] == "running"


APPLICATION_SURPRISES: dict[str, Callable[[Standing], object]] = {
    "one replica is gone": lambda s: s.boxes.pop("api-server-2"),
    "one replica too many": lambda s: s.boxes.update(third={**s.boxes["api-server"], "Id": "id-3"}),
    "one replica has ended": box("api-server-2", State="exited", Status="Exited (1) 2 seconds ago"),
    "one replica is unhealthy": box("api-server-2", Status="Up 2 hours (unhealthy)"),
    "a copy of a secret is gone": kept("secrets/api-server.redis-password", gone),
    "a copy of a secret is another one": kept("secrets/api-server.redis-password", longer),
    "a copy of a secret is open to others": kept(
        "secrets/api-server.redis-password", lambda path: path.chmod(0o640)
    ),
    "the copy of a key is gone": kept("secrets/api-server.llm-api-key", gone),
    "the applications' key is gone": kept("keys/applications.key", gone),
    "its own fragment was edited": lambda s: longer(s.directory / "mine.yaml"),
    "its own fragment is gone": lambda s: gone(s.directory / "mine.yaml"),
}


@pytest.mark.parametrize("surprise", APPLICATION_SURPRISES.values(), ids=APPLICATION_SURPRISES)
def test_for_anything_else_of_applications_the_long_way_is_gone(
    applied: Standing, surprise: Callable[[Standing], object]
) -> None:
    assert applied.up() is not None
    surprise(applied)
    assert applied.up() is None
