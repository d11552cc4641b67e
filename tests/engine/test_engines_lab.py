"""Hosts of their own are real machines to whatever runs on them, and leave this one as it was."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support.engine import containers_of, docker, inspect, until
from tests.support.faults import KEPT, kept_rows, make_rows, restarted_daemon
from tests.support.hosts import hosts
from tests.support.lab_place import clear_leftovers
from tests.support.ports import free_port
from tests.support.stack import OFF, Stack
from tests.support.throwaway import throwaway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hosts import Host

pytestmark = pytest.mark.engine
REDIS = "llm-stack/redis:8.0"
KILLED = f"""
import sys
from tests.support.hosts import hosts
with hosts("lost") as (lost,):
    lost.docker("run", "--detach", "{REDIS}")
    print(lost.directory, lost.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Host, Host]]:
    with hosts("ai", "app") as (ai, app):
        yield ai, app


def ping(asking: Host, address: str, port: int) -> str:
    """Return what a program on `asking`, in no container, hears from the Redis at `address`."""
    talk = f"exec 3<>/dev/tcp/{address}/{port} && echo PING >&3 && head -1 <&3"
    done = asking.run("bash", "-c", talk)
    return (done.stdout or done.stderr).strip()


def test_two_hosts_reach_each_other_at_the_published_address_only(pair: tuple[Host, Host]) -> None:
    ai, app = pair
    port, before = free_port(), app.listens()
    server = (REDIS, "redis-server", "--protected-mode", "no", "--port", str(port))
    app.docker("run", "--detach", "--name=server", f"--publish={app.address}:{port}:{port}", *server)

    until(lambda: ping(ai, app.address, port) == "+PONG", "the other host answers a program")
    asked = (REDIS, "redis-cli", "-h", app.address, "-p", str(port), "ping")
    assert ai.docker("run", "--rm", *asked) == "PONG"
    assert ai.address != app.address
    assert app.listens() - before == {(app.address, port)}
    for host, address in ((app, "127.0.0.1"), (ai, "127.0.0.1"), (ai, ai.address)):
        assert "Connection refused" in ping(host, address, port)
    with socket.create_connection((app.address, port), timeout=5):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_toolkit_deploys_on_a_host(pair: tuple[Host, Host], tmp_path: Path) -> None:
    ai, app = pair
    stack = Stack(tmp_path, host=ai, llm_general=OFF, llm_fast=OFF, edge=OFF, mariadb=OFF)
    stack.up()
    with ai.meant():
        assert set(stack.lives()) == {"redis"}
    assert containers_of(stack.project) == []
    with app.meant():
        assert containers_of(stack.project) == []


def test_the_toolkit_deploys_where_docker_host_points(pair: tuple[Host, Host], tmp_path: Path) -> None:
    _, app = pair
    stack = Stack(tmp_path, llm_general=OFF, llm_fast=OFF, edge=OFF, mariadb=OFF)
    with app.meant():
        stack.up()
        first = stack.lives()
        assert set(first) == {"redis"}
        stack.up()
        assert stack.lives() == first
        assert "1 containers removed" in stack.toolkit("down").out
        assert containers_of(stack.project) == []


def test_an_engine_that_is_started_anew_loses_no_row(pair: tuple[Host, Host], tmp_path: Path) -> None:
    ai, _ = pair
    stack = Stack(tmp_path, host=ai, llm_general=OFF, llm_fast=OFF, edge=OFF, prometheus=OFF)
    with ai.meant():
        stack.up()
        make_rows(stack)
        before = stack.lives()
        said = restarted_daemon(stack)
        assert "mariadb" in said
        assert stack.up()["services"] == {"mariadb": "healthy", "redis": "healthy"}
        # Started again, not made anew.
        assert {name: life[0] for name, life in stack.lives().items()} == {
            name: life[0] for name, life in before.items()
        }
        assert kept_rows(stack) == KEPT
        stack.toolkit("down", "--volumes", f"--yes-delete={stack.project}")


def test_the_engine_of_this_machine_is_left_alone() -> None:
    with throwaway() as things:
        name = things.start(REDIS)
        before = own_state(name)
        with hosts("one") as (one,):
            assert one.docker("info", "--format={{.ID}}") != docker("info", "--format={{.ID}}")
            assert one.docker("ps", "--all", "--quiet") == ""
            theirs = one.docker("run", "--detach", REDIS)
            assert theirs not in docker("ps", "--all", "--quiet", "--no-trunc").split()
            written = one.run("touch", f"{docker('info', '--format={{.DockerRootDir}}')}/written")
            assert "Read-only file system" in written.stderr
        assert own_state(name) == before


def own_state(container: str) -> list[object]:
    """Return what another engine could have spoiled: the bridge, a running container, an image."""
    state = inspect(container)["State"]
    bridge = [one.address for one in psutil.net_if_addrs()["docker0"] if one.family == socket.AF_INET]
    index = Path("/sys/class/net/docker0/ifindex").read_text()
    return [bridge, index, state["Pid"], state["StartedAt"], docker("images", "--quiet", REDIS)]


def test_a_killed_run_leaves_nothing_that_lives_and_the_next_one_clears_the_rest() -> None:
    with subprocess.Popen(
        (sys.executable, "-c", KILLED), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        directory, pid = run.stdout.readline().split()
        dockerd = psutil.Process(int(pid))
        run.send_signal(signal.SIGKILL)
    assert not psutil.wait_procs([dockerd], timeout=90)[1]

    # Tests beside this one may have cleared it by now.
    place = Path(directory).parent
    until(lambda: cleared(place), "the place of the killed run is cleared")
    assert not list(Path("/sys/fs/cgroup").glob(f"*/{place.name}"))


def cleared(place: Path) -> bool:
    """Clear as the start of any other hosts does, and tell whether `place` is gone."""
    clear_leftovers()
    return not place.exists()


def test_a_host_can_end_with_paused_containers() -> None:
    with hosts("one") as (one,):
        one.docker("run", "--detach", "--name=paused", REDIS)
        one.docker("pause", "paused")
        first = psutil.Process(one.pid)
    assert not first.is_running()
    assert not one.directory.parent.exists()
