"""Two real engines in two network namespaces are two hosts: each is brought up by itself, or both from one place."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import execute
from tests.support.hosts import hosts
from tests.support.models import generated
from tests.support.quiet import busy
from tests.support.stack import LIMIT_S, TOOLKIT
from tests.support.two_hosts import API_PORT, EDGE_PORT, two_hosts_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hosts import Host

pytestmark = pytest.mark.engine
KEY = Path(".toolkit/testing/keys/applications.key")
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Host, Host]]:
    with hosts("ai", "app") as (ai, app):
        yield ai, app


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pair")


def toolkit(host: Host | None, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command on `host`, or on this machine."""
    argv = (TOOLKIT, *words, "--project-dir", str(directory), "--env", "testing")
    with busy():
        return execute(*(host.argv(*argv) if host else argv), timeout_s=LIMIT_S)


def done(host: Host | None, directory: Path, *words: str) -> str:
    ran = toolkit(host, directory, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def assert_listens_only_where_planned(ai: Host, app: Host) -> None:
    assert ai.listens() == {(LOOPBACK, EDGE_PORT), (ai.address, EDGE_PORT)}
    assert app.listens() == {(app.address, API_PORT)}


@pytest.fixture(scope="module")
def there(pair: tuple[Host, Host], place: Path) -> Path:
    """The project directory of `ai`, which was brought up by itself."""
    directory = place / "ai"
    two_hosts_profile(directory, *pair)
    shutil.copytree(generated("tiny"), directory / ".toolkit" / "models" / "tiny")
    (directory / ".toolkit").chmod(0o700)
    assert "llm-general" in done(pair[0], directory, "up", "--host=ai", "--wait=models")
    return directory


def test_a_host_has_to_be_named_and_the_other_ones_secrets_brought(
    pair: tuple[Host, Host], tmp_path: Path
) -> None:
    app = pair[1]
    two_hosts_profile(tmp_path, *pair)
    unsaid = toolkit(None, tmp_path, "up")
    assert unsaid.returncode == 2
    assert unsaid.stderr.startswith("error: --host: this profile has 2 hosts: ai, app\n")
    alone = toolkit(app, tmp_path, "up", "--host=app")
    assert alone.returncode == 1
    assert f"app: a secret of another host is not here\n   got: {tmp_path / KEY}\n" in alone.stderr
    assert app.docker("ps", "--all", "--quiet") == ""


def test_each_host_by_itself(pair: tuple[Host, Host], there: Path, tmp_path: Path) -> None:
    ai, app = pair
    two_hosts_profile(tmp_path, ai, app)
    (tmp_path / KEY).parent.mkdir(parents=True)
    shutil.copy(there / KEY, tmp_path / KEY)
    assert "2 of 2 services healthy" in done(app, tmp_path, "up", "--host=app")
    assert '"model":"general"' in done(app, tmp_path, "logs", "--host=app", "api-server")
    assert_listens_only_where_planned(ai, app)
    done(app, tmp_path, "down", "--host=app")
    assert app.listens() == set()


def test_both_hosts_from_one_place(pair: tuple[Host, Host], there: Path) -> None:
    ai, app = pair
    two_hosts_profile(there, ai, app, engines=True)
    # What this machine has there, the engine of `app` does not see.
    assert app.run("mount", "-t", "tmpfs", "tmpfs", str(there.parent)).returncode == 0

    ran = toolkit(None, there, "up")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("== ai\npair-testing: nothing to change; 2 of 2 services healthy")
    assert "== app\npair-testing: created redis, api-server; 2 of 2 services healthy" in ran.stdout
    assert ran.stderr.index(f"host ai, {ai.address}") < ran.stderr.index(f"host app, {app.address}")
    assert_listens_only_where_planned(ai, app)
    assert delivered(app, there) == {
        ".toolkit/": "0700 0 0",
        ".toolkit/testing/": "0700 0 0",
        ".toolkit/testing/delivered-app": "0600 0 0",
        ".toolkit/testing/secrets/": "0700 0 0",
        ".toolkit/testing/secrets/api-server.llm-api-key": "0600 1000 1000",
        ".toolkit/testing/secrets/api-server.redis-password": "0600 1000 1000",
        "redis.conf": "0644 0 0",
        "users.acl": "0644 0 0",
    }

    # A file that went away there comes back, and what did not change stays untouched.
    (conf,) = app.run("find", str(there), "-name", "redis.conf").stdout.split()
    (acl,) = app.run(
        "stat", "-c", "%i %n", f"{there}/.toolkit/testing/secrets/api-server.llm-api-key"
    ).stdout.splitlines()
    app.run("rm", conf)
    assert "nothing to change" in done(None, there, "up").partition("== app")[2]
    assert app.run("test", "-s", conf).returncode == 0
    assert app.run("stat", "-c", "%i %n", acl.split()[1]).stdout.strip() == acl

    made = toolkit(None, there, "keys", "add", "alice")
    assert (made.returncode, made.stderr) == (0, "")

    assert done(None, there, "down").count("2 containers removed, volumes kept") == 2
    assert app.listens() == ai.listens() == set()


def delivered(host: Host, directory: Path) -> dict[str, str]:
    """Return mode and owner of all that the machine of `host` has in `directory`, rendered files by name."""
    found = host.run("find", str(directory), "-mindepth", "1", "-printf", "%y %m %U %G %P\n").stdout
    whole: dict[str, str] = {}
    for line in found.splitlines():
        kind, mode, uid, gid, path = line.split(" ", 4)
        if path.startswith((".toolkit/testing/redis", "build")):
            path = "" if kind == "d" else path.rpartition("/")[2]
        whole[path + "/" * (kind == "d")] = f"0{mode} {uid} {gid}"
    return {path: how for path, how in whole.items() if path != "/"}
