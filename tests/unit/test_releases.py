"""Releases over an engine in memory: what is numbered, what comes back by itself, what refuses to come back."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.support.plans import settings
from tests.unit.test_deploy import STORES, Bench
from toolkit.cli.release_list import listed, releases_json, releases_text
from toolkit.errors import BlockedError, EngineError, PublishError, ServiceFailedError, UsageError
from toolkit.render.release import Release, UsedImage
from toolkit.routines.back import as_it_was, meant
from toolkit.routines.deploy import Deploy
from toolkit.routines.releasing import Releasing
from toolkit.routines.result import UpResult
from toolkit.routines.way_back import way_back_problems
from toolkit.routines.wreck import Evidence
from toolkit.state.releases import KEPT, Releases
from toolkit.state.secrets import existing
from toolkit.values import replace

USUAL = f"max_connections = {settings(*STORES).services.mariadb.max_connections}"
NARROW, WIDE = "services.mariadb.max_connections=77", "services.mariadb.max_connections=99"


class Place(Bench):
    """A project whose `up` leaves releases."""

    @property
    def releases(self) -> Releases:
        return Releases(self.state)

    def release(self, deploy: Deploy, settings: dict[str, str], restores: int | None = None) -> Releasing:
        return Releasing(
            deploy,
            self.releases,
            settings,
            toolkit="1.0",
            who="eve@here",
            way_back=self.way_back,
            evidence=Evidence(deploy.containers, deploy.plan.project, self.state),
            restores=restores,
        )

    def way_back(self, release: Release) -> Releasing:
        plan, bundle = self.releases.plan(release), self.releases.bundle(release)
        containers = self.deploy().containers
        now = containers.image_ids(image.reference for image in release.images.values())
        problems = way_back_problems(
            release,
            plan,
            (one for one in (*self.releases.all(), *self.releases.failed()) if one.number > release.number),
            image_ids={image.id: now[image.reference] for image in release.images.values()},
            secrets=existing(self.state.secrets, [secret.name for secret in plan.secrets]),
            volumes=containers.volume_names(plan.project),
        )
        if problems:
            raise BlockedError(*problems)
        deploy = self.deploy(decided=as_it_was(release, plan, bundle, now))
        return self.release(deploy, self.releases.settings(release), release.number)

    def up(self, *sets: str, automatic: bool = True) -> UpResult:
        self.engine.said.clear()
        one = self.release(self.deploy(*sets), dict(word.split("=", 1) for word in sets))
        one.automatic = automatic
        return one.up(wait_for_models=True)

    def rollback(self, number: int | None = None) -> UpResult:
        self.engine.said.clear()
        return self.way_back(meant(self.releases, number)).up(wait_for_models=True)

    def numbers(self) -> list[int]:
        return [one.number for one in self.releases.all()]

    @property
    def connections(self) -> str:
        (file,) = {p for p in self.build.glob("files/mariadb/*/my.cnf") if p.parent.name in self.compose}
        return next(line for line in file.read_text().splitlines() if line.startswith("max_connections"))

    @property
    def compose(self) -> str:
        return (self.build / "compose.yaml").read_text()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_each_up_that_changes_something_is_a_release(place: Place) -> None:
    assert place.up().release == 1
    assert place.up(NARROW).release == 2
    assert place.up(NARROW).release == 2

    first, second = place.releases.all()
    assert (first.verdict, first.who, first.toolkit, first.restores) == ("serves", "eve@here", "1.0", None)
    assert (second.project, second.environment, second.host) == ("llm-testing", "testing", "local")
    assert second.images["mariadb"].id == "sha256:mariadb:11.8.8"
    assert second.volumes == ("llm-testing_mariadb-data", "llm-testing_redis-data")
    assert place.releases.bundle(second).digest == place.deploy(NARROW).bundle.digest
    assert place.releases.unfinished is None


def test_what_is_kept_is_closed_to_others_and_needs_no_build(place: Place) -> None:
    place.up()
    root = place.releases.root
    for directory in (root, root / "1"):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for file in (root / "1").glob("*.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = "".join(path.read_text() for path in (root / "1").rglob("*") if path.is_file())
    for secret in place.state.secrets.iterdir():
        assert secret.read_text() not in kept
    for path in sorted(place.build.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert place.releases.bundle(place.releases.all()[0]).files


def test_mending_is_no_other_release(place: Place) -> None:
    place.up()
    place.engine.boxes["redis"]["State"] = {"Status": "exited", "ExitCode": 1}
    result = place.up()

    assert ([action.kind for action in result.actions], result.release) == (["start"], 1)
    assert (place.numbers(), place.releases.unfinished) == ([1], None)


def test_only_so_many_are_kept_and_the_running_one_always(place: Place) -> None:
    for connections in range(60, 60 + KEPT + 2):
        place.up(f"services.mariadb.max_connections={connections}")
    assert place.numbers() == list(range(3, KEPT + 3))


def test_a_release_that_fails_is_saved_and_the_former_one_comes_back(place: Place) -> None:
    place.up()
    secret = (place.state.secrets / "mariadb-root-password").read_text()
    place.engine.logs_of["mariadb"] = f"connecting as root with {secret}\nunknown variable\n"
    deploy = place.deploy(NARROW)
    one = place.release(deploy, {})
    place.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}
    heal = one.way_back

    def healed(release: Release) -> Releasing:
        place.engine.fates.clear()
        return heal(release)

    one.way_back = healed
    with pytest.raises(ServiceFailedError) as caught:
        one.up(wait_for_models=True)

    assert caught.value.exit_code == 3
    last = caught.value.problems[-1]
    assert (last.where, last.what) == (
        "release 2",
        "it did not become ready; release 1 serves again, as release 3",
    )
    assert last.got.startswith("every model had a server of its own all the time; back after ")
    assert last.got.endswith(f"evidence: {place.releases.wreck(2)}")
    assert caught.value.problems[0].where == "mariadb"
    assert place.numbers() == [1, 3]
    assert place.releases.all()[-1].restores == 1
    assert place.connections == USUAL
    wreck = place.releases.wreck(2)
    assert {path.name for path in wreck.iterdir()} == {
        *("bundle", "error.txt", "inspect", "logs", "plan.json", "release.json", "settings.json")
    }
    log = (wreck / "logs" / "llm-testing-mariadb-1.log").read_text()
    assert log == "connecting as root with (hidden)\nunknown variable"
    assert (
        json.loads((wreck / "inspect" / "llm-testing-mariadb-1.json").read_text())["State"]["ExitCode"] == 1
    )
    (failed,) = place.releases.failed()
    assert (failed.verdict, failed.number) == ("failed", 2)
    assert failed.reason.startswith("mariadb: ended with exit code 1")
    with pytest.raises(UsageError, match=r"^rollback: release 2 failed\n   got: there are: 1, 3\n"):
        place.rollback(2)


def test_a_first_release_has_no_way_back_and_says_so(place: Place) -> None:
    place.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}
    with pytest.raises(ServiceFailedError) as caught:
        place.up()

    last = caught.value.problems[-1]
    assert (last.where, last.what) == (
        "release 1",
        "it does not serve, and none was before it to go back to",
    )
    assert last.next_step == "correct toolkit.yaml, then: toolkit up --env testing"
    assert (place.numbers(), sorted(place.engine.boxes)) == ([], ["mariadb", "redis"])
    place.engine.fates.clear()
    assert place.up(NARROW).release == 2


def test_a_wreck_is_left_where_that_is_asked_for(place: Place) -> None:
    place.up()
    place.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}
    with pytest.raises(ServiceFailedError) as caught:
        place.up(NARROW, automatic=False)

    assert caught.value.problems[-1].what == "it does not serve, and stays as it is"
    assert place.engine.boxes["mariadb"]["State"]["Status"] == "exited"
    place.engine.fates.clear()
    # The one before what runs is, after a wreck, the last one that served.
    assert place.rollback().restores == 1
    assert place.connections == USUAL


def test_a_way_back_that_fails_too_is_told(place: Place) -> None:
    place.up()
    place.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}
    with pytest.raises(ServiceFailedError) as caught:
        place.up(NARROW)

    wheres = [problem.where for problem in caught.value.problems]
    assert wheres == ["mariadb", "mariadb", "release 3", "release 2"]
    assert caught.value.problems[-1].what == "it does not serve, and release 1 could not be brought back"
    assert place.numbers() == [1]


def test_an_image_that_is_missing_changes_nothing(place: Place) -> None:
    place.up()
    place.engine.refusals["pull"] = (1, "", "Error response from daemon: manifest unknown")
    place.engine.images.discard("mariadb:11.8.8")
    with pytest.raises(EngineError):
        place.up(NARROW)

    assert place.told.notes[-1] == "nothing was changed: release 1 goes on as it is"
    assert (place.numbers(), place.releases.failed(), place.releases.unfinished) == ([1], (), None)
    assert place.connections == USUAL
    assert place.changes == ["pull mariadb:11.8.8"]


def test_a_tree_that_cannot_be_written_is_no_release(place: Place) -> None:
    place.build.parent.mkdir(parents=True)
    place.build.write_text("in the way")
    with pytest.raises(PublishError):
        place.up()
    assert (place.numbers(), place.releases.unfinished) == ([], None)


def test_after_a_kill_both_ways_are_open(place: Place) -> None:
    place.up()
    place.up(NARROW)
    deploy = place.deploy(WIDE)
    killed = place.release(deploy, {})
    # It ends here, as by kill -9.
    deploy.bringing.acts = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        killed.up(wait_for_models=True)
    assert place.releases.unfinished is not None
    assert place.connections == "max_connections = 99"

    back = place.rollback()
    assert (back.restores, place.connections) == (2, "max_connections = 77")
    assert place.up(WIDE).release == back.release + 1 if back.release else None
    assert place.releases.unfinished is None


def test_each_rollback_goes_one_further_back(place: Place) -> None:
    for sets in ((), (NARROW,), (WIDE,)):
        place.up(*sets)
    assert (place.rollback().restores, place.connections) == (2, "max_connections = 77")
    assert place.changes == ["up never mariadb"]
    assert (place.rollback().restores, place.connections) == (1, USUAL)
    with pytest.raises(UsageError, match=r"^rollback: there is no release to go back to\n"):
        place.rollback()
    assert (place.rollback(3).restores, place.connections) == (3, "max_connections = 99")
    assert place.numbers() == [1, 2, 3, 4, 5, 6]


def test_an_unknown_release_is_told_with_those_that_are_there(place: Place) -> None:
    with pytest.raises(UsageError, match=r"^rollback: there is no release to go back to\n   got: none\n"):
        place.rollback()
    place.up()
    with pytest.raises(UsageError, match=r"^rollback: there is no release 7\n   got: there are: 1\n"):
        place.rollback(7)


def test_an_image_that_is_gone_refuses_before_anything_is_touched(place: Place) -> None:
    place.up()
    place.up(NARROW)
    place.engine.images.discard("mariadb:11.8.8")
    with pytest.raises(BlockedError) as caught:
        place.rollback()

    (problem,) = caught.value.problems
    assert problem.what == "the image of mariadb is no longer on this machine"
    assert problem.got == "mariadb:11.8.8 as sha256:mariadb:11.8.8"
    assert (place.changes, place.numbers()) == ([], [1, 2])


def test_an_image_of_which_the_name_has_moved_goes_by_its_id(place: Place) -> None:
    place.up()
    (release,) = place.releases.all()
    plan, bundle = place.releases.plan(release), place.releases.bundle(release)
    now = {"redis:8.0.6": "sha256:redis:8.0.6", "mariadb:11.8.8": "sha256:other"}
    pinned, files = as_it_was(release, plan, bundle, now)

    assert [service.image for service in pinned.services] == ["redis:8.0.6", "sha256:mariadb:11.8.8"]
    assert "    image: sha256:mariadb:11.8.8\n" in files.files["compose.yaml"].text
    assert "    image: redis:8.0.6\n" in files.files["compose.yaml"].text
    assert files.definitions == bundle.definitions


def test_the_plan_of_an_earlier_toolkit_leads_back(place: Place) -> None:
    place.up()
    place.up(NARROW)
    path = place.releases.root / "1" / "plan.json"
    body = json.loads(path.read_text())
    for service in body["services"]:
        # What it did not have, and what it had.
        service.pop("fetches", None)
        service["hub"] = None
    path.write_text(json.dumps(body))
    assert place.rollback().restores == 1


def problems_of(
    place: Place, release: Release, later: tuple[Release, ...] = (), **known: object
) -> list[str]:
    ids = {image.id: image.id for image in release.images.values()}
    seen = {"image_ids": ids, "secrets": ["mariadb-password", "mariadb-root-password"], "volumes": []}
    seen["secrets"] = [secret.name for secret in place.releases.plan(release).secrets]
    seen["volumes"] = list(release.volumes)
    found = way_back_problems(release, place.releases.plan(release), later, **{**seen, **known})  # type: ignore[arg-type]
    return [problem.as_text() for problem in found]


def test_what_cannot_go_back_is_refused_with_the_reason(place: Place) -> None:
    place.up()
    (release,) = place.releases.all()
    assert problems_of(place, release) == []

    (lost,) = problems_of(place, release, secrets=["redis-admin-password", "redis-app-password"])
    assert lost == (
        "release 1: secrets that it works with are gone; new ones would not open its data\n"
        "   got: not in .toolkit/testing/secrets/: mariadb-root-password, mariadb-password\n"
        "  next: put the old files back into .toolkit/testing/secrets/"
    )
    (empty,) = problems_of(place, release, volumes=["llm-testing_redis-data"])
    assert (
        "volumes with its data are gone; it would come back empty\n   got: llm-testing_mariadb-data" in empty
    )


@pytest.mark.parametrize(
    ("service", "before", "after", "refused"),
    [
        ("mariadb", "mariadb:11.8.8", "mariadb:12.0.2", True),
        ("mariadb", "mariadb:11.4.1", "llm-stack/mariadb:11.8", True),
        ("mariadb", "mariadb:11.8.8", "mariadb:11.8.9", False),
        ("mariadb", "mariadb:11.8.8", "mariadb:10.11.1", False),
        ("vector-db", "pgvector/pgvector:0.8.7-pg17-trixie", "pgvector/pgvector:0.8.7-pg18", True),
        ("vector-db", "pgvector/pgvector:0.8.7-pg17-trixie", "llm-stack/vector-db:0.9-pg17", False),
        ("elasticsearch", "elastic/elasticsearch:8.19.22", "elastic/elasticsearch:9.0.0", True),
        ("redis", "redis:8.0.6", "redis:9.0.0", True),
        ("edge", "haproxy:3.0.26", "haproxy:4.0.0", False),
        ("mariadb", "own/database:blue", "own/database:green", False),
    ],
)
def test_data_of_a_newer_major_version_does_not_go_back(
    place: Place, service: str, before: str, after: str, *, refused: bool
) -> None:
    place.up()
    (release,) = place.releases.all()
    old = replace(release, images={service: UsedImage(before, "sha256:old")})
    new = replace(release, number=2, images={service: UsedImage(after, "sha256:new")})
    found = problems_of(place, old, (new,))
    assert bool(found) is refused
    if refused:
        assert f"   got: {before}; release 2 ran {after}\n" in found[0]


def test_the_list_tells_what_differs(place: Place) -> None:
    place.up()
    place.up(NARROW)
    place.engine.fates["mariadb"] = {"Status": "exited", "ExitCode": 1}
    with pytest.raises(ServiceFailedError):
        place.up(WIDE, automatic=False)
    plan = place.deploy().plan
    rows = listed(place.releases)
    text = releases_text(plan, rows).splitlines()

    assert text[0] == "llm-testing: 3 releases"
    assert text[1].startswith("  3    failed ")
    assert text[3] == ("         mariadb: ended with exit code 1; evidence: .toolkit/testing/wrecks/3")
    assert text[4].startswith("* 2    running ")
    body = releases_json(plan, rows)["releases"]
    assert [(one["number"], one["current"], one["verdict"]) for one in body] == [
        (3, False, "failed"),
        (2, True, "serves"),
        (1, False, "serves"),
    ]
    assert body[0]["changes"] == [{"path": NARROW.split("=", maxsplit=1)[0], "before": "77", "after": "99"}]
    assert releases_text(plan, []) == "llm-testing: no release yet; the first `toolkit up` makes one"


def test_a_bundle_that_was_edited_is_not_brought_back(place: Place) -> None:
    place.up()
    place.up(NARROW)
    (place.releases.root / "1" / "bundle" / "compose.yaml").write_text("services: {}\n")
    with pytest.raises(Exception, match=r"its files are no longer those that were published"):
        place.rollback()
    assert place.numbers() == [1, 2]
