"""`start` over an engine in memory: what runs on demand, and whose card it may not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.deploys import deploy_over
from tests.support.fake_engine import FakeEngine
from tests.support.listener import Listener
from tests.support.plans import plan
from toolkit.engine.compose import ComposeEngine
from toolkit.errors import BlockedError, ServiceFailedError
from toolkit.planning.plan import Plan
from toolkit.render.render import render
from toolkit.resources import resource_dir
from toolkit.routines.deploy import Deploy

TRAINING = (
    'engine.version="20.10"',
    "services.training_server.image=example/training:1",
    'services.training_server.health_command=["true"]',
    "services.edge.enabled=false",
    "services.prometheus.enabled=false",
    "services.llm_general.enabled=false",
    "services.llm_fast.enabled=false",
    "services.vector_db.enabled=false",
    "services.elasticsearch.enabled=false",
)
CLASH = (
    "training-server: embeddings has the card that it needs\n"
    "   got: card 2 of host `ai`\n"
    "  next: toolkit stop embeddings"
)


class Bench:
    """The host `ai` of the reference production, with embeddings and training on one card."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.build = directory / "build" / "testing" / "ai"
        self.engine = FakeEngine()
        self.plan: Plan = plan(*TRAINING, machine="two-hosts").on_host("ai")
        self.engine.images |= {service.image for service in self.plan.services}

    def deploy(self) -> Deploy:
        rendered = render(self.plan, resource_dir("compose"), resource_dir("templates"), self.directory)
        return deploy_over(self.engine, self.directory, self.plan, rendered, self.build, Listener())

    def stop(self, service: str) -> None:
        ComposeEngine(self.engine, self.plan.project, self.build).stop([service])

    @property
    def running(self) -> set[str]:
        return {name for name, box in self.engine.boxes.items() if box["State"]["Status"] == "running"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_up_leaves_alone_what_is_on_demand(bench: Bench) -> None:
    bench.deploy().up(wait_for_models=False)
    assert bench.running == {"embeddings"}


def test_start_takes_the_named_service_only_and_waits_for_it(bench: Bench) -> None:
    assert bench.deploy().start(["training-server"]) == {"training-server": "healthy"}
    assert bench.running == {"training-server"}


def test_a_card_that_is_in_use_is_not_taken(bench: Bench) -> None:
    bench.deploy().up(wait_for_models=False)
    bench.engine.said.clear()

    with pytest.raises(BlockedError) as caught:
        bench.deploy().start(["training-server"])

    assert (str(caught.value), caught.value.exit_code) == (CLASH, 1)
    assert (bench.engine.said, bench.running) == ([], {"embeddings"})


def test_neither_is_it_promised_to_two_that_start_together(bench: Bench) -> None:
    with pytest.raises(BlockedError) as caught:
        bench.deploy().start(["training-server", "embeddings"])
    assert CLASH in [problem.as_text() for problem in caught.value.problems]
    assert bench.running == set()


def test_after_the_stop_it_starts_and_up_waits_its_turn(bench: Bench) -> None:
    bench.deploy().up(wait_for_models=False)
    bench.stop("embeddings")

    assert bench.deploy().start(["training-server"]) == {"training-server": "healthy"}
    with pytest.raises(BlockedError) as caught:
        bench.deploy().up(wait_for_models=False)

    assert str(caught.value) == (
        "embeddings: training-server has the card that it needs\n"
        "   got: card 2 of host `ai`\n"
        "  next: toolkit stop training-server"
    )
    bench.stop("training-server")
    bench.deploy().up(wait_for_models=False)
    assert bench.running == {"embeddings"}


def test_what_runs_already_is_left_alone(bench: Bench) -> None:
    bench.deploy().start(["training-server"])
    bench.engine.said.clear()

    assert bench.deploy().start(["training-server"]) == {"training-server": "healthy"}
    assert not [words for words in bench.engine.said if words.startswith("up")]


def test_one_that_does_not_become_healthy_is_told(bench: Bench) -> None:
    bench.engine.fates["training-server"] = {"Status": "running", "Health": {"Status": "unhealthy"}}
    with pytest.raises(ServiceFailedError, match="training-server"):
        bench.deploy().start(["training-server"])
