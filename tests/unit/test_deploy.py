"""`up` over an engine in memory: what is done, in which order, and that what agrees is left alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.support.deploys import deploy_over
from tests.support.fake_engine import FakeEngine
from tests.support.listener import Listener
from tests.support.plans import bundle, plan
from toolkit.checking import Finding, Status
from toolkit.errors import BlockedError, EngineError, PublishError, ServiceFailedError
from toolkit.planning.plan import Plan
from toolkit.render.bundle import Bundle
from toolkit.render.remembered import remember
from toolkit.report import Report
from toolkit.routines.deploy import Deploy
from toolkit.routines.result import UpResult
from toolkit.state.directory import StateDirectory
from toolkit.state.remembered import recall

STORES = (
    "image_source=registry",
    "services.vector_db.enabled=false",
    "services.llm_general.enabled=false",
    "services.llm_fast.enabled=false",
)
IMAGES = ("redis:8.0.6", "mariadb:11.8.8")


class Bench:
    """One project directory and its engine; `up` runs the whole routine, each time from nothing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.engine = FakeEngine()
        self.engine.images |= set(IMAGES)
        self.told = Listener()
        self.found: tuple[Finding, ...] = ()
        self.looked = 0
        self.asked: list[str] = []
        self.inputs: str | None = None

    @property
    def build(self) -> Path:
        return self.directory / "build" / "testing"

    @property
    def state(self) -> StateDirectory:
        return StateDirectory(self.directory, "testing").ensure()

    def deploy(self, *sets: str, decided: tuple[Plan, Bundle] | None = None) -> Deploy:
        wanted, rendered = decided or (plan(*STORES, *sets), bundle(*STORES, *sets))
        self.told = Listener()
        return deploy_over(
            self.engine,
            self.directory,
            wanted,
            rendered,
            self.build,
            self.told,
            preflight=self.preflight,
            inputs=self.inputs,
        )

    def preflight(self, services: Collection[str]) -> Report:
        self.looked += 1
        self.asked = list(services)
        return Report("preflight", "testing", "now", 0.1, self.found)

    def up(self, *sets: str) -> UpResult:
        self.engine.said.clear()
        return self.deploy(*sets).up(wait_for_models=True)

    @property
    def changes(self) -> list[str]:
        """What the engine was told to do, without the questions."""
        looks = ("version", "compose version", "image inspect", "exec")
        return [words for words in self.engine.said if not words.startswith(looks)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def kinds(result: UpResult) -> list[tuple[str, str, str]]:
    return [(action.service, action.kind, action.cause) for action in result.actions]


def test_from_nothing_everything_is_written_made_and_started(bench: Bench) -> None:
    result = bench.up()

    assert kinds(result) == [("redis", "create", "it is not there"), ("mariadb", "create", "it is not there")]
    assert bench.changes == ["up never redis mariadb"]
    assert dict(result.states) == {"mariadb": "healthy", "redis": "healthy"}
    assert "compose.yaml" in result.written
    assert (bench.build / "compose.yaml").exists()
    assert sorted(p.name for p in bench.state.secrets.iterdir()) == [
        "mariadb-password",
        "mariadb-root-password",
        "redis-admin-password",
        "redis-app-password",
    ]
    assert (result.completions, result.new_keys, result.pending_models, result.endpoint) == ({}, (), (), None)


def test_progress_tells_each_action_and_each_state(bench: Bench) -> None:
    bench.up()

    steps = ["look", "preflight", "publish", "images", "engine", "wait", "indexes", "edge", "prove"]
    assert bench.told.phases == steps
    assert bench.told.states == [
        "redis: create: it is not there",
        "mariadb: create: it is not there",
        "mariadb: starting",
        "redis: starting",
        "redis: healthy",
        "mariadb: healthy",
    ]


APPLICATION = ("services.api_server.image=mine:1", "services.api_server.health_command=[check]")


def test_an_application_is_started_once_what_it_uses_is_healthy(bench: Bench) -> None:
    bench.engine.images.add("mine:1")
    result = bench.up(*APPLICATION)

    assert bench.changes == ["up never redis mariadb", "up never api-server"]
    assert bench.told.states.index("mariadb: healthy") < bench.told.states.index("api-server: starting")
    assert result.states["api-server"] == "healthy"


def test_an_application_whose_stores_fail_is_not_started(bench: Bench) -> None:
    bench.engine.images.add("mine:1")
    bench.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}

    with pytest.raises(ServiceFailedError, match=r"^mariadb: "):
        bench.up(*APPLICATION)
    assert "api-server" not in bench.engine.boxes


def test_an_application_alone_waits_for_nobody(bench: Bench) -> None:
    bench.engine.images.add("mine:1")
    bench.up(*APPLICATION)
    bench.up(*APPLICATION, "services.api_server.pids=99")
    assert bench.changes == ["up never api-server"]


def test_a_second_up_changes_nothing(bench: Bench) -> None:
    bench.up()
    result = bench.up()

    assert (kinds(result), result.written, bench.changes) == ([], (), [])
    assert bench.looked == 1
    assert dict(result.states) == {"mariadb": "healthy", "redis": "healthy"}


def test_an_unchanged_up_asks_no_database_and_a_changed_one_each_of_them_once(bench: Bench) -> None:
    bench.up()
    assert next(words for words in bench.engine.said if words.startswith("exec")).startswith(
        "exec llm-testing-mariadb-1 bash"
    )
    again = bench.up()
    assert [words for words in bench.engine.said if words.startswith("exec")] == []
    assert again.indexes == ()
    # The profile's indexes are in no container's definition.
    other = bench.up("services.mariadb.indexes.mine={table: mine, columns: [word], kind: btree}")
    assert (other.actions, len(other.indexes)) == ((), 5)
    assert len([words for words in bench.engine.said if words.startswith("exec")]) == 1


def test_one_changed_value_recreates_one_service(bench: Bench) -> None:
    bench.up()
    result = bench.up("services.mariadb.max_connections=77")

    assert kinds(result) == [("mariadb", "recreate", "its definition changed")]
    assert bench.changes == ["up never mariadb"]


def test_a_service_that_was_taken_out_is_removed(bench: Bench) -> None:
    bench.up()
    result = bench.up("services.redis.enabled=false")

    assert kinds(result) == [("redis", "remove", "the profile has no such service")]
    assert bench.changes == ["up never"]
    assert sorted(bench.engine.boxes) == ["mariadb"]


def test_an_unhealthy_service_is_restarted(bench: Bench) -> None:
    bench.up()
    bench.engine.boxes["redis"]["State"]["Health"] = {"Status": "unhealthy"}
    result = bench.up()

    assert kinds(result) == [("redis", "restart", "its health check fails")]
    assert bench.changes == ["restart redis"]


def test_images_that_are_not_here_are_pulled(bench: Bench) -> None:
    bench.engine.images.discard("redis:8.0.6")
    bench.up()

    assert bench.changes == ["pull redis:8.0.6", "up never redis mariadb"]
    assert bench.told.notes == ["pulling redis:8.0.6"]


def test_a_registry_out_of_reach_is_told_and_nothing_is_started(bench: Bench) -> None:
    bench.engine.images.clear()
    bench.engine.refusals["pull"] = (
        1,
        "",
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: no such host',
    )

    with pytest.raises(EngineError) as caught:
        bench.up()

    assert "the registry registry-1.docker.io cannot be reached\n" in str(caught.value)
    assert "image_source: local" in str(caught.value)
    assert (caught.value.exit_code, bench.engine.boxes) == (3, {})


TAKEN = Finding(
    "edge", Status.FAIL, "port 127.0.0.1:8001 is taken", cause="held by nginx (pid 812)", remedy="stop it"
)
SMALL = Finding("/data", Status.WARN, "1 GiB free", "4 GiB", remedy="make room")
UNSEEN = Finding("clock", Status.ERROR, "could not look", cause="no answer in time")
AWAY = Finding("docker", Status.ERROR, "the docker command is not on PATH", check="engine.version")


def test_what_stands_in_the_way_blocks_before_anything_is_written(bench: Bench) -> None:
    bench.found = (TAKEN, SMALL)
    with pytest.raises(BlockedError) as caught:
        bench.up()

    assert str(caught.value) == (
        "edge: port 127.0.0.1:8001 is taken\n   got: held by nginx (pid 812)\n  next: stop it"
    )
    assert (caught.value.exit_code, bench.changes) == (1, [])
    assert not bench.build.exists()


def test_warnings_are_told_and_it_goes_on(bench: Bench) -> None:
    bench.found = (SMALL, SMALL, UNSEEN)
    assert len(bench.up().actions) == 2

    assert bench.told.notes == [
        "warning: /data: 1 GiB free (expected: 4 GiB)\n  next: make room",
        "warning: clock: could not look\n   got: no answer in time",
    ]


def test_an_engine_that_could_not_be_asked_ends_it(bench: Bench) -> None:
    bench.found = (TAKEN, AWAY)
    with pytest.raises(EngineError, match=r"^docker: the docker command is not on PATH$"):
        bench.up()
    assert not bench.build.exists()


def test_without_a_preflight_nobody_looks(bench: Bench) -> None:
    bench.found = (TAKEN,)
    deploy = bench.deploy()
    deploy.ahead.preflight = None
    deploy.up(wait_for_models=True)

    assert (bench.looked, sorted(bench.engine.boxes)) == (0, ["mariadb", "redis"])


def test_where_it_was_checked_before_one_preflight_is_enough(bench: Bench) -> None:
    deploy = bench.deploy()
    deploy.check()
    assert (bench.looked, bench.engine.boxes, bench.build.exists()) == (1, {}, False)
    deploy.up(wait_for_models=True)
    assert (bench.looked, bench.asked) == (1, ["redis", "mariadb"])


def test_only_what_has_something_to_do_is_asked_for(bench: Bench) -> None:
    bench.up()
    bench.up("services.mariadb.max_connections=77")
    assert bench.asked == ["mariadb"]


def test_a_check_refuses_what_the_preflight_found(bench: Bench) -> None:
    bench.found = (TAKEN,)
    with pytest.raises(BlockedError):
        bench.deploy().check()


def test_lost_secrets_and_the_machine_s_blockers_are_told_at_once(bench: Bench) -> None:
    bench.up()
    (bench.state.secrets / "mariadb-password").unlink()
    bench.found = (TAKEN,)
    with pytest.raises(BlockedError) as caught:
        bench.up("services.redis.max_clients=77")

    assert [problem.where for problem in caught.value.problems] == ["mariadb", "edge"]


def test_a_volume_whose_secret_is_gone_blocks_also_a_stack_that_runs(bench: Bench) -> None:
    bench.up()
    (bench.state.secrets / "mariadb-password").unlink()

    with pytest.raises(BlockedError) as caught:
        bench.up()

    assert str(caught.value) == (
        "mariadb: volume llm-testing_mariadb-data has data, but its secret is gone\n"
        "   got: not in .toolkit/testing/secrets/: mariadb-password\n"
        "  next: put the old files back into .toolkit/testing/secrets/\n"
        "        or give the data up: toolkit down --env testing --volumes --yes-delete llm-testing"
    )
    assert bench.changes == []
    assert not (bench.state.secrets / "mariadb-password").exists()


def test_a_service_that_dies_is_shown_with_its_evidence_and_stays(bench: Bench) -> None:
    bench.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 137, "OOMKilled": True}
    bench.engine.logs_of["mariadb"] = "".join(f"line {n}\n" for n in range(30))

    with pytest.raises(ServiceFailedError) as caught:
        bench.up()

    text = str(caught.value)
    assert text.startswith(
        "mariadb: was killed for memory, having reached its limit, with exit code 137\n"
        "   got: state exited, exit code 137, OOM-killed yes\n"
        "        last lines:\n"
        "        line 10\n"
    )
    assert text.endswith("        line 29\n  next: look at all of it: toolkit logs mariadb")
    assert caught.value.exit_code == 3
    assert "mariadb" in bench.engine.boxes


def test_a_service_that_does_not_arrive_is_told_with_the_time_that_it_had(bench: Bench) -> None:
    bench.engine.fates["redis"] = None

    with pytest.raises(ServiceFailedError, match=r"^redis: is not healthy after 70 s\n   got: state running"):
        bench.up()


def test_an_engine_that_refuses_is_quoted(bench: Bench) -> None:
    bench.engine.refusals["up never"] = (1, "", "Error response from daemon: no space left on device\n")

    with pytest.raises(EngineError) as caught:
        bench.up()

    assert str(caught.value).startswith("llm-testing: the disk is full\n   got: Error response from daemon: ")


def test_a_tree_that_cannot_be_written_stops_it_before_the_engine(bench: Bench) -> None:
    bench.build.parent.mkdir(parents=True)
    bench.build.write_text("in the way")

    with pytest.raises(PublishError):
        bench.up()

    assert bench.changes == []


def test_what_it_brought_up_is_remembered_for_the_same_inputs_alone(bench: Bench) -> None:
    bench.inputs = "a" * 64
    bench.up()

    wanted = remember(plan(*STORES), bundle(*STORES), str(bench.build), keys=(), sources={}, edge_url=None)
    assert recall(bench.directory, "a" * 64) == wanted
    assert recall(bench.directory, "b" * 64) is None


def test_what_fails_is_not_remembered_and_what_was_is_forgotten(bench: Bench) -> None:
    bench.inputs = "a" * 64
    bench.up()
    bench.engine.boxes["redis"]["State"] = {"Status": "exited", "ExitCode": 1}
    bench.engine.fates["redis"] = {"Status": "exited", "ExitCode": 1}

    with pytest.raises(ServiceFailedError):
        bench.up()

    assert recall(bench.directory, "a" * 64) is None


def test_without_known_inputs_nothing_is_remembered(bench: Bench) -> None:
    bench.up()
    assert not bench.state.remembered("").exists()
