"""An unchanged `up` says by what was remembered what it would say anyway; every surprise has the outcome it had."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.engine import docker, until
from tests.support.stack import SERVICES
from toolkit.clock import Deadline
from toolkit.probes.containers import Containers
from toolkit.probes.engine_api import SdkApi
from toolkit.probes.engine_host import engine_host
from toolkit.probes.glance import glance_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.stack import Stack
    from toolkit.facts import ContainerFact

pytestmark = pytest.mark.engine

# What the long way loads at once, and the short one never.
_LONG_WAY = ("docker", "requests", "pydantic", "yaml", "jinja2", "rich", "psutil")
_WATCHED = f"""
import sys
from toolkit.cli.app import run
code = run(sys.argv[1:])
print([name for name in {_LONG_WAY} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


def watched_up(stack: Stack, *words: str) -> tuple[Any, bool]:
    """Return the result of `up`, and whether it took the short way."""
    argv = stack.argv("up", "--output=json", *words)[1:]
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *argv], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr.splitlines()[-1] == "[]"


def said(result: Any) -> Any:
    """Return a result without its times and the texts of completions, which differ each time."""
    served_by = {name: one["served_by"] for name, one in result["completions"].items()}
    timeless = {key: value for key, value in result.items() if key not in {"elapsed_s", "completions"}}
    return {**timeless, "phases_s": list(result["phases_s"]), "completions": served_by}


def rendered_services(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((stack.build / "compose.yaml").read_text())["services"]
    return found


def remembered(stack: Stack) -> Path:
    return stack.state / "remembered.json"


@contextmanager
def as_it_was(file: Path) -> Iterator[Path]:
    """Yield the file, and put it back as it was: its text, mode and owner."""
    before, found = file.read_bytes(), file.stat()
    try:
        yield file
    finally:
        file.write_bytes(before)
        file.chmod(found.st_mode & 0o777)
        subprocess.run(["chown", f"{found.st_uid}:{found.st_gid}", str(file)], check=True)


@pytest.fixture
def steady(stack: Stack) -> Stack:
    """The shared stack, unchanged since an `up` that is remembered."""
    stack.up("--wait=models")
    assert remembered(stack).exists()
    return stack


@pytest.mark.parametrize("wait", ["--wait=models", "--wait=edge"])
def test_both_ways_say_the_same_and_touch_nothing(steady: Stack, wait: str) -> None:
    before, digest, files = steady.lives(), steady.digest(), remembered(steady).read_bytes()
    short, by_memory = watched_up(steady, wait)
    assert by_memory
    assert remembered(steady).read_bytes() == files
    remembered(steady).unlink()
    long, again = watched_up(steady, wait)

    assert not again
    assert said(short) == said(long)
    assert short["services"] == dict.fromkeys(SERVICES, "healthy")
    assert sorted(short["completions"]) == (["fast", "general"] if wait == "--wait=models" else [])
    assert (steady.lives(), steady.digest(), remembered(steady).read_bytes()) == (before, digest, files)


def test_both_ways_say_the_same_to_people(steady: Stack) -> None:
    short = steady.toolkit("up", "--wait=edge")
    remembered(steady).unlink()
    long = steady.toolkit("up", "--wait=edge")

    assert short.out.splitlines()[0].rpartition(",")[0] == long.out.splitlines()[0].rpartition(",")[0]
    assert short.out.splitlines()[1] == long.out.splitlines()[1]
    assert short.err == long.err == ""


def test_who_asks_to_see_every_command_gets_the_long_way(steady: Stack) -> None:
    assert "== look" in steady.toolkit("up", "--wait=edge", "--verbose").err


def test_a_stopped_container_is_started(steady: Stack) -> None:
    before = steady.lives()
    docker("stop", "--time=5", steady.container("redis"))
    done, by_memory = watched_up(steady)

    assert not by_memory
    assert [(one["service"], one["kind"]) for one in done["actions"]] == [("redis", "start")]
    assert done["services"] == dict.fromkeys(SERVICES, "healthy")
    after = steady.lives()
    assert {name for name in SERVICES if before[name] != after[name]} == {"redis"}
    assert watched_up(steady)[1]


def test_a_removed_container_is_made_again(steady: Stack) -> None:
    docker("rm", "--force", steady.container("redis"))
    done, _ = watched_up(steady)
    assert [(one["service"], one["kind"]) for one in done["actions"]] == [("redis", "create")]


def test_an_edited_file_is_written_as_it_shall_be(steady: Stack) -> None:
    file = next(steady.build.glob("files/redis/*/redis.conf"))
    shall = file.read_text()
    file.write_text(shall + "# by hand\n")
    done, by_memory = watched_up(steady)

    assert (by_memory, done["written"], done["actions"]) == (False, [str(file.relative_to(steady.build))], [])
    assert file.read_text() == shall
    assert watched_up(steady)[1]


def test_a_lost_secret_is_refused(steady: Stack) -> None:
    secret = steady.state / "secrets" / "mariadb-password"
    with as_it_was(secret):
        secret.unlink()
        refused = steady.toolkit("up", code=1)
    assert f"volume {steady.project}_mariadb-data has data, but its secret is gone" in refused.err
    assert steady.up()["actions"] == []


def test_an_opened_secret_is_closed_again(steady: Stack) -> None:
    secret = steady.state / "secrets" / "mariadb-password"
    secret.chmod(0o644)
    _, by_memory = watched_up(steady)
    assert (by_memory, secret.stat().st_mode & 0o777) == (False, 0o600)


def test_a_lost_key_map_gets_a_new_key_or_a_refusal_but_no_word_of_success(steady: Stack) -> None:
    keys, own = steady.state / "edge" / "keys.map", steady.state / "keys" / "toolkit.key"
    with as_it_was(keys), as_it_was(own):
        keys.unlink()
        by_memory = steady.toolkit("up", "--wait=edge", code=None)
        keys.unlink(missing_ok=True)
        remembered(steady).unlink(missing_ok=True)
        long = steady.toolkit("up", "--wait=edge", code=None)
    assert (by_memory.code, by_memory.err) == (long.code, long.err)
    assert by_memory.code != 0


def test_an_edge_with_another_configuration_is_reloaded(steady: Stack) -> None:
    config = steady.build / "edge" / "haproxy.cfg"
    digest = steady.digest()
    with as_it_was(config):
        config.write_text(config.read_text().replace(digest.removeprefix("ok "), "0" * 12))
        docker("exec", steady.container("edge"), "bash", "-c", "kill -USR2 1")
        until(lambda: steady.digest() == f"ok {'0' * 12}", "the edge answers with the other one")
    done, by_memory = watched_up(steady)

    assert (by_memory, done["edge_reloaded"], done["actions"]) == (False, True, [])
    assert steady.digest() == digest
    assert watched_up(steady)[1]


def test_the_lists_tell_of_containers_and_images_what_inspect_tells(stack: Stack) -> None:
    """So that the short way sees another image behind a name as the long way does; to retag one would hurt others."""
    deadline, glance, inspected = (
        Deadline.after(20),
        glance_at(engine_host()),
        Containers(SdkApi(engine_host())),
    )
    assert glance is not None
    listed = glance.of_project(stack.project, deadline)
    known = inspected.of_project(stack.project)
    images = {one["image"] for one in rendered_services(stack).values()}

    assert [_listed(fact) for fact in listed] == [_listed(fact) for fact in known]
    assert [fact.service for fact in listed] == list(SERVICES)
    assert glance.image_ids(images, deadline) == inspected.image_ids(images)
    assert {fact.image_id for fact in listed} == set(inspected.image_ids(images).values())


def _listed(fact: ContainerFact) -> tuple[object, ...]:
    return (fact.service, fact.container_id, fact.name, fact.state, fact.health, fact.image_id, fact.labels)


def test_a_profile_that_says_the_same_in_other_words_goes_the_long_way_once(steady: Stack) -> None:
    profile = steady.directory / "toolkit.yaml"
    profile.write_text("# the same\n" + profile.read_text())
    done, by_memory = watched_up(steady)

    assert (by_memory, done["actions"], done["written"]) == (False, [], [])
    assert watched_up(steady)[1]


def test_another_set_is_another_stack(steady: Stack) -> None:
    done, by_memory = watched_up(steady, "--set=services.redis.max_clients=4321")
    assert not by_memory
    assert [(one["service"], one["kind"]) for one in done["actions"]] == [("redis", "recreate")]
    back, by_memory = watched_up(steady)
    assert not by_memory
    assert [one["service"] for one in back["actions"]] == ["redis"]


def test_another_directory_of_the_same_project_is_refused(steady: Stack, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", str(steady.directory), str(copy)], check=True)
    argv = [*steady.argv("up"), f"--project-dir={copy}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1
    assert "its containers belong to another directory" in done.stderr


def test_a_render_that_writes_forgets(steady: Stack) -> None:
    (steady.build / "compose.yaml").unlink()
    steady.toolkit("render")
    assert not remembered(steady).exists()
    steady.up()
    steady.toolkit("render")
    assert remembered(steady).exists()


def test_a_lock_that_another_run_holds_is_told_as_ever(steady: Stack) -> None:
    held = subprocess.Popen(
        ["flock", str(steady.state / "lock"), "sh", "-c", "echo held; read -r _"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with held:
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        refused = steady.toolkit("up", code=3)
        held.communicate("\n", timeout=60)
    assert "another run is at work here, so `up` does nothing" in refused.err
    assert watched_up(steady)[1]


def test_an_engine_that_is_not_a_socket_of_this_machine_goes_the_long_way(steady: Stack) -> None:
    argv = steady.argv("up")
    env = {"PATH": "/usr/bin:/bin", "DOCKER_HOST": "ssh://nobody@127.0.0.1:9"}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300, env=env)
    assert done.returncode == 3
    assert "ssh://nobody@127.0.0.1:9: the machine of the engine cannot be reached" in done.stderr
