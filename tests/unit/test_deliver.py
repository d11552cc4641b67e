"""What containers mount arrives at the engine's machine, whole, once, and nothing else does."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.plans import bundle, plan
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import Completed, SubprocessRunner
from toolkit.errors import BlockedError, EngineError
from toolkit.publish import publish
from toolkit.routines.deliver import Delivery
from toolkit.routines.prepare import prepare_state
from toolkit.state.directory import StateDirectory

OFF = ("llm_general", "llm_fast", "vector_db")
STORES = tuple(f"services.{name}.enabled=false" for name in OFF)


class FarEngine:
    """Runs the scripts of throw-away containers with this machine's own sh and tar, below the directory `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.argvs: list[tuple[str, ...]] = []
        self.breaks_at = ""

    def run(self, argv: Sequence[str], **how: Any) -> Completed:
        self.argvs.append(tuple(argv))
        script, *words = argv[argv.index("-c") + 1 :]
        for mount in (argv[i + 1] for i, word in enumerate(argv) if word == "--volume"):
            there = mount.partition(":")[2].removeprefix("/there")
            (self.root / there.removeprefix("/")).mkdir(parents=True, exist_ok=True)
        if self.breaks_at and self.breaks_at in script:
            script = script.replace(self.breaks_at, "exit 7 #")
        how.pop("deadline", None)
        return SubprocessRunner().run(["sh", "-c", script.replace("/there", str(self.root)), *words], **how)


class Journey:
    """One project, published and prepared, and the machine that it is for."""

    def __init__(self, here: Path, far: Path, *sets: str) -> None:
        self.here, self.far = here, far
        self.engine = FarEngine(far)
        self.plan, self.bundle = plan(*STORES, *sets), bundle(*STORES, *sets)
        self.build = here / "build" / "testing"
        self.state = StateDirectory(here, "testing").ensure()
        publish(self.bundle, self.build)
        prepare_state(self.state, self.plan)

    def bring(self) -> int:
        compose = ComposeEngine(self.engine, self.plan.project, self.build)
        return Delivery(compose, self.plan, self.bundle, self.build, self.state).bring()

    def there(self) -> dict[str, str]:
        """Return each file below the project on the other machine, hashes of paths left out, with its mode."""
        base = self.far / str(self.here).removeprefix("/")
        files = (path for path in base.rglob("*") if path.is_file())
        return {
            "/".join(
                part for part in path.relative_to(base).parts if len(part) != 12
            ): f"{path.stat().st_mode & 0o777:o}"
            for path in files
        }


@pytest.fixture
def journey(tmp_path: Path) -> Journey:
    for name in ("here", "far"):
        (tmp_path / name).mkdir()
    return Journey(tmp_path / "here", tmp_path / "far")


def test_exactly_what_is_mounted_arrives_and_that_once(journey: Journey) -> None:
    # Of the users of Redis only the digests are mounted.
    mounted = {
        ".toolkit/testing/redis/users.acl": "644",
        ".toolkit/testing/secrets/mariadb-password": "600",
        ".toolkit/testing/secrets/mariadb-root-password": "600",
        "build/testing/files/mariadb/my.cnf": "644",
        "build/testing/files/redis/redis.conf": "644",
    }
    assert journey.bring() == len(mounted)
    assert journey.there() == {**mounted, ".toolkit/testing/delivered-local": "600"}
    for closed in (".toolkit", ".toolkit/testing", ".toolkit/testing/secrets"):
        assert (
            stat.S_IMODE((journey.far / str(journey.here / closed).removeprefix("/")).stat().st_mode) == 0o700
        )
    assert journey.bring() == 0


def test_a_model_s_directory_arrives_where_it_is_also_beside_the_project(tmp_path: Path) -> None:
    weights = tmp_path / "weights" / "own"
    (weights / "sub").mkdir(parents=True)
    (weights / "config.json").write_text("{}")
    (weights / "sub" / "large").write_bytes(bytes(3 << 20))
    (tmp_path / "here").mkdir()
    own = {
        "source": f"dir:{weights}",
        "revision": None,
        "licence": "MIT",
        "trust_remote_code": False,
        "facts": None,
    }
    sets = (f"models.own={json.dumps(own)}", "services.llm_fast.enabled=true", "services.llm_fast.model=own")
    journey = Journey(tmp_path / "here", tmp_path / "far", *sets)

    assert journey.bring() > 2
    arrived = tmp_path / "far" / str(weights).removeprefix("/")
    assert (arrived / "config.json").read_text() == "{}"
    assert (arrived / "sub" / "large").stat().st_size == 3 << 20
    assert journey.bring() == 0


def test_no_secret_is_ever_an_argument(journey: Journey) -> None:
    journey.bring()
    said = "\n".join(word for argv in journey.engine.argvs for word in argv)
    values = [file.read_text() for file in journey.state.secrets.iterdir()]
    assert values
    assert not [value for value in values if value in said]


def test_what_changed_or_went_away_comes_again(journey: Journey) -> None:
    journey.bring()
    base = journey.far / str(journey.here).removeprefix("/")
    (journey.state.secrets / "mariadb-password").write_text("another")
    next(base.rglob("redis.conf")).unlink()

    assert journey.bring() == 2
    assert (base / ".toolkit/testing/secrets/mariadb-password").read_text() == "another"
    assert next(base.rglob("redis.conf")).read_text() == next(journey.build.rglob("redis.conf")).read_text()


def test_a_delivery_that_breaks_off_leaves_every_file_whole_and_is_made_good(journey: Journey) -> None:
    journey.engine.breaks_at = "mv -f"
    with pytest.raises(EngineError) as caught:
        journey.bring()
    assert caught.value.problems[0].what.startswith(
        "its machine did not take the files that its containers mount"
    )
    # Beside their places, under names that nothing reads.
    assert {path.rpartition(".")[2] for path in journey.there()} == {"arriving", "new"}

    journey.engine.breaks_at = ""
    assert journey.bring() > 0
    assert not [path for path in journey.there() if path.endswith((".arriving", ".new"))]


def test_an_engine_that_sees_our_files_gets_nothing(journey: Journey) -> None:
    there = journey.far / str(journey.here).removeprefix("/")
    there.parent.mkdir(parents=True)
    there.symlink_to(journey.here)
    assert journey.bring() == 0
    assert len(journey.engine.argvs) == 1
    assert not list(journey.state.root.glob(".here-*"))


def test_what_cannot_be_read_here_is_told_and_nothing_is_sent(journey: Journey) -> None:
    next(journey.build.rglob("redis.conf")).unlink()
    with pytest.raises(BlockedError) as caught:
        journey.bring()
    assert caught.value.problems[0].what == "a file for its machine cannot be read here"
    assert "redis.conf" in caught.value.problems[0].got
    assert journey.engine.argvs == []
