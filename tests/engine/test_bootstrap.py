"""The bootstrap script beside the real engine: in mounts and a network of its own, unnoticed by others."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import execute

if TYPE_CHECKING:
    import subprocess

SCRIPT = Path(__file__).parents[2] / "scripts" / "bootstrap.sh"
# What belongs to an engine is empty here: its state, its sockets and pid files, its settings, its log.
OWN = "/run /var/lib/docker /var/lib/containerd /var/log /etc/docker"
PRIVATE = f"""
set -eu
for place in {OWN}; do mkdir -p $place; mount -t tmpfs -o size=256m tmpfs $place; done
ip link set lo up
trap '"$B" stop-engine >/dev/null' EXIT
image() {{
    tar -chf /run/sleep.tar /bin/sleep $(ldd /bin/sleep | grep -o '/[^ ]*') 2>/dev/null
    docker import /run/sleep.tar sleeping >/dev/null
}}
without_docker() {{
    mkdir /run/bin
    ln -sf -t /run/bin /usr/sbin/* /usr/bin/* /usr/local/bin/*
    rm -f /run/bin/docker* /run/bin/containerd*
    export PATH=/run/bin
}}
pid_of() {{ cat /run/dockerd-toolkit.pid; }}
"""

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="a machine of its own needs root"),
    pytest.mark.skipif(shutil.which("dockerd") is None, reason="no dockerd on this machine"),
]


def machine(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script on a machine of its own where dockerd is installed and not running."""
    words = [f"{key}={value}" for key, value in {"B": str(SCRIPT), **environment}.items()]
    call = ("unshare", "--mount", "--net", "env", "-u", "DOCKER_HOST", *words, "bash", "-c", PRIVATE + script)
    return execute(*call, timeout_s=400)


def passed(script: str, **environment: str) -> str:
    done = machine(script, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_starts_once_says_how_to_stop_and_stops() -> None:
    said = passed('"$B" engine; echo again; "$B" engine; echo done; "$B" stop-engine; "$B" stop-engine')
    first, _, rest = said.partition("again\n")
    assert "starting dockerd (no init system here), log in /var/log/dockerd-toolkit.log" in first
    assert "scripts/bootstrap.sh stop-engine   (or: kill $(cat /run/dockerd-toolkit.pid))" in first
    assert "is running" in first
    again, _, stopped = rest.partition("done\n")
    assert again == ""
    assert "stopping dockerd (pid " in stopped
    assert stopped.endswith("no engine runs that this script started; nothing to stop\n")


def test_two_at_once_start_one_engine() -> None:
    said = passed('"$B" engine & "$B" engine; wait; pgrep -c -x dockerd --ns $$ --nslist mnt')
    assert said.count("starting dockerd") == 1
    assert said.splitlines()[-1] == "1"


def test_survives_what_a_killed_daemon_leaves() -> None:
    said = passed(
        '"$B" engine; image; '
        "docker run -d --network none --stop-signal KILL --name left sleeping /bin/sleep 999; "
        "kill -9 $(pid_of); test -e /run/docker.pid; test -S /run/docker.sock; "
        '"$B" engine; docker ps --all --format "{{.Names}} {{.State}}"; docker start left >/dev/null; '
        'docker ps --format "{{.Names}} {{.State}}"'
    )
    assert said.count("is running") == 2
    assert said.splitlines()[-2:] == ["left exited", "left running"]


def test_a_pid_that_another_program_has_by_now_is_not_trusted() -> None:
    said = passed(
        '"$B" engine; kill -9 $(pid_of) $(cat /run/docker/containerd/containerd.pid); sleep 99 & other=$!; '
        "echo $other | tee /run/docker.pid /run/dockerd-toolkit.pid > /run/docker/containerd/containerd.pid; "
        '"$B" stop-engine; "$B" engine; kill -0 $other && echo unharmed; kill $other'
    )
    assert "no engine runs that this script started" in said
    assert said.count("is running") == 2
    assert said.endswith("unharmed\n")


def test_an_engine_that_it_did_not_start_is_used_and_not_stopped() -> None:
    said = passed(
        "dockerd >/dev/null 2>&1 & until docker version >/dev/null 2>&1; do sleep 0.1; done; "
        '"$B" engine; echo used; "$B" stop-engine; docker version >/dev/null && echo alive; kill %1; wait'
    )
    assert said.startswith("used\n")
    assert said.endswith("nothing to stop\nalive\n")


def test_a_daemon_that_cannot_start_shows_its_last_words() -> None:
    done = machine('echo "{" > /etc/docker/daemon.json; "$B" engine')
    assert done.returncode == 3
    assert "unable to configure the Docker daemon with file /etc/docker/daemon.json" in done.stderr
    assert "bootstrap: the Docker Engine ended right after its start" in done.stderr


def test_another_engine_that_does_not_answer_is_not_replaced() -> None:
    done = machine('"$B" engine', DOCKER_HOST="tcp://127.0.0.1:1")
    assert done.returncode == 3
    assert "docker is set to the engine at tcp://127.0.0.1:1, which does not answer" in done.stderr
    assert "unset DOCKER_HOST" in done.stderr


def test_installs_nothing_where_that_is_forbidden() -> None:
    done = machine('without_docker; "$B" engine', TOOLKIT_NO_INSTALL="1")
    assert done.returncode == 3
    assert "missing: Docker Engine (TOOLKIT_NO_INSTALL=1, so nothing was installed)" in done.stderr
    assert "next: apt-get install docker.io iptables ca-certificates" in done.stderr


def test_what_hosts_of_their_own_need_is_named_where_it_is_missing() -> None:
    without_ip = "mkdir /run/bin; ln -s /usr/bin/* /run/bin; rm -f /run/bin/ip; export PATH=/run/bin; "
    assert passed('"$B" lab', TOOLKIT_NO_INSTALL="1") == ""
    done = machine(without_ip + '"$B" lab', TOOLKIT_NO_INSTALL="1")
    assert done.returncode == 3
    assert "missing: what tests and bench use: iproute2 (TOOLKIT_NO_INSTALL=1" in done.stderr
    assert "next: apt-get install iproute2" in done.stderr


def test_only_root_installs() -> None:
    # a copy, since others may not be able to read the checkout
    copy = f"cp -r {SCRIPT.parent} /run/scripts; chmod -R a+rX /run/scripts; without_docker; "
    done = machine(
        f"{copy} setpriv --reuid=65534 --regid=65534 --clear-groups /run/scripts/bootstrap.sh engine"
    )
    assert done.returncode == 3
    assert "missing: Docker Engine, and only root can install it" in done.stderr
    assert "next: sudo apt-get install docker.io iptables ca-certificates" in done.stderr


def test_an_old_compose_is_named(tmp_path: Path) -> None:
    plugin = tmp_path / "cli-plugins" / "docker-compose"
    plugin.parent.mkdir()
    plugin.write_text(
        "#!/bin/sh\ncase $* in *docker-cli-plugin-metadata*) "
        'echo \'{"SchemaVersion":"0.1.0","Vendor":"x"}\' ;; *) echo 2.25.0 ;; esac\n'
    )
    plugin.chmod(0o755)
    done = machine('"$B" engine', DOCKER_CONFIG=str(tmp_path), TOOLKIT_NO_INSTALL="1")
    assert done.returncode == 3
    assert "missing: Docker Compose >= 2.26 (found: 2.25.0)" in done.stderr


def test_a_wrong_word_shows_the_usage() -> None:
    done = execute(str(SCRIPT), "everything")
    assert done.returncode == 2
    assert "usage: scripts/bootstrap.sh python" in done.stderr
