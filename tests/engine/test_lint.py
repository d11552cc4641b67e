"""`toolkit validate` asks the very programs: what they take, what they refuse, and what could not be asked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import Said, finish, start
from tests.support.engine import execute
from tests.support.rendering import MACHINES
from toolkit.engine.linters import LABEL
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.images import PINS, local_ref
from toolkit.planning.plan import GeneratedModel
from toolkit.resources import resource_dir
from toolkit.routines.prepare import generate_model

pytestmark = pytest.mark.engine
NO_MODELS = tuple(
    f"--set=services.{key}.enabled=false"
    for key in ("llm_general", "llm_fast", "response_cache", "prometheus")
)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    shutil.copy(MACHINES / "cpu-offline" / "toolkit.yaml", tmp_path)
    return tmp_path


def toolkit(*words: str, cwd: Path) -> Said:
    """Run the program with the engine of this machine, and with a memory of its own for what passed."""
    engine = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    running = start(
        *words, cwd=cwd, DOCKER_HOST=engine, XDG_CACHE_HOME=str(cwd / "cache"), TOOLKIT_ENV="testing"
    )
    return finish(running, timeout_s=180)


def replace_template(here: Path, path: str, more: str) -> None:
    """Put a copy of a shipped template, with `more` at its end, in its place."""
    said = toolkit("profile", "override", path, "--output", "json", cwd=here)
    copy = Path(said.json["written"])
    copy.write_text(copy.read_text() + more)
    with (here / "toolkit.yaml").open("a") as profile:
        profile.write(f"overrides:\n  {said.json['overrides']}\n")


def test_every_program_takes_what_is_rendered_and_is_asked_once(here: Path) -> None:
    model = GeneratedModel(".toolkit/models/tiny-0", 0)
    image = local_ref(PINS["vllm-cpu"])
    assert generate_model(SubprocessRunner(), model, image, here, resource_dir("compose"))

    first = toolkit("validate", "--output", "json", "--quiet", cwd=here)

    assert (first.code, first.err) == (0, "")
    services = [name for one in first.json["lint"] for name in one["services"]]
    assert sorted(services) == sorted(first.json["services"])
    assert {(one["status"], one["said"], one["remembered"]) for one in first.json["lint"]} == {
        ("passed", "", False)
    }

    again = toolkit("validate", "--output", "json", "--quiet", cwd=here)

    assert {one["remembered"] for one in again.json["lint"]} == {True}
    other = toolkit(
        "validate", "--output", "json", "--quiet", "--set=services.redis.max_clients=77", cwd=here
    )
    assert [one["services"] for one in other.json["lint"] if not one["remembered"]] == [["redis"]]


def test_what_only_a_model_s_own_configuration_tells_is_found(here: Path) -> None:
    model = GeneratedModel(".toolkit/models/tiny-0", 0)
    image = local_ref(PINS["vllm-cpu"])
    assert generate_model(SubprocessRunner(), model, image, here, resource_dir("compose"))

    said = toolkit("validate", "--quiet", "--set=services.llm_general.flags.quantization=awq", cwd=here)

    assert said.code == 2
    assert "error: llm-general, llm-fast: does not accept what is rendered" in said.err
    assert "llm-general: " in said.err


@pytest.mark.parametrize(
    ("template", "more", "complaint"),
    [
        ("templates/mariadb/my.cnf.j2", "bogus_option = 1\n", "unknown variable 'bogus_option=1'"),
        ("templates/redis/redis.conf.j2", "maxmemory-policy bogus\n", "FATAL CONFIG FILE ERROR"),
        (
            "templates/vector-db/postgresql.conf.j2",
            "bogus = 1\n",
            'unrecognized configuration parameter "bogus"',
        ),
        # Its own table, before any program is asked, with what stands in its place.
        (
            "templates/mariadb/my.cnf.j2",
            "innodb_buffer_pool_instances = 4\n",
            "innodb_buffer_pool_instances is gone since MariaDB 10.5: drop it: there is one pool",
        ),
    ],
)
def test_a_line_that_a_program_does_not_take_is_quoted(
    here: Path, template: str, more: str, complaint: str
) -> None:
    replace_template(here, template, more)
    said = toolkit("validate", "--quiet", *NO_MODELS, cwd=here)
    assert said.code == 2, said.err
    assert complaint in said.err


def test_the_edge_and_the_cache_are_judged_by_their_own_programs(here: Path) -> None:
    replace_template(here, "templates/response-cache/nginx.conf.j2", "bogus_directive on;\n")
    said = toolkit("validate", "--quiet", cwd=here)
    assert said.code == 2
    assert 'unknown directive "bogus_directive"' in said.err


def test_an_image_that_is_not_here_is_told_and_never_passed(here: Path) -> None:
    words = ("validate", *NO_MODELS, "--set=image_source=registry")
    said = toolkit(*words, cwd=here)
    assert said.code == 0, said.err
    assert "its image redis:8.0.6 is not here" in said.err
    assert "linted" not in said.out
    strict = toolkit(*words, "--strict", cwd=here)
    assert strict.code == 3, strict.err
    assert "error: redis: not linted" in strict.err


def test_nothing_is_left_behind(here: Path) -> None:
    assert toolkit("validate", "--quiet", *NO_MODELS, cwd=here).code == 0
    left = execute("docker", "ps", "--all", "--quiet", "--filter", f"label={LABEL}")
    assert left.stdout == ""
