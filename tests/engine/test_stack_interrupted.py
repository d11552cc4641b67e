"""Ctrl-C in the middle of `up`, and a second `up` beside the first: nothing half-written, nothing stuck."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.breaking_off import broken_off, wait_for_line
from tests.support.engine import containers_of, docker
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
SAID = "interrupted: nothing is half-written; the same command goes on from what is there"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A project that was never up: redis, mariadb and one model server, whose model is yet to be made."""
    with gone_at_the_end(Stack(tmp_path_factory.mktemp("fresh"), llm_general=OFF, edge=OFF)) as stack:
        yield stack


@pytest.mark.parametrize(
    ("words", "after_s"),
    [
        ("== images", 1.5),
        ("== images", 0.0),
        ("== engine", 0.0),
        ("== engine", 0.5),
        ("== wait", 0.5),
    ],
    ids=["model", "image", "compose", "create", "wait"],
)
def test_ctrl_c_leaves_nothing_half_done(fresh: Stack, words: str, after_s: float) -> None:
    ran = broken_off(fresh, words, after_s)
    assert "Traceback" not in ran.err
    assert ran.err.splitlines()[-1] == SAID
    assert ran.elapsed_s < 60
    left = [str(path) for path in fresh.directory.rglob(".*") if path.name != ".toolkit"]
    assert left == []
    fresh.toolkit("render", "--check")
    assert not any("-run-" in name for name in containers_of(fresh.project))
    mounted = docker(
        "ps", "--all", "--filter", f"volume={fresh.directory}/.toolkit/models", "--format", "{{.Names}}"
    )
    assert mounted == ""
    assert fresh.toolkit("keys", "list", "--output=json").code == 0


def test_ctrl_c_while_the_command_itself_is_loaded(fresh: Stack) -> None:
    with fresh.start("up", PYTHONVERBOSE="1") as running:
        wait_for_line(running, "import 'toolkit.errors'")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_after_all_that_up_succeeds(fresh: Stack) -> None:
    done = fresh.up()
    assert {service: done["services"][service] for service in ("mariadb", "redis")} == {
        "mariadb": "healthy",
        "redis": "healthy",
    }
    assert done["pending_models"] == ["llm-fast"]


def test_a_second_run_names_the_first(fresh: Stack) -> None:
    fresh.sets.append("services.redis.max_clients=101")
    with fresh.start("up", "--verbose") as running:
        # Before it has acted: on a busy machine it would have, by the time that a later line is read.
        wait_for_line(running, "== publish")
        # However fast it is, now it holds the lock until the others have been refused.
        running.send_signal(signal.SIGSTOP)
        try:
            (problem,) = fresh.toolkit("up", "--output=json", code=3).json["problems"]
            assert problem["what"] == "another run is at work here, so `up` does nothing"
            assert f"toolkit up, pid {running.pid}, by " in problem["got"]
            assert problem["next_step"] == f"wait for its end, or interrupt it: kill -INT {running.pid}"
            for verb, words in (
                ("down", ()),
                ("restart", ("redis",)),
                ("keys add", ("eve",)),
                ("render", ()),
            ):
                held = fresh.toolkit(*verb.split(), *words, code=3)
                assert f"another run is at work here, so `{verb}` does nothing" in held.err
            assert "redis" in fresh.toolkit("status", code=1).out
        finally:
            running.send_signal(signal.SIGCONT)
        running.communicate(timeout=300)
    assert running.returncode == 0
    assert fresh.up()["actions"] == []
