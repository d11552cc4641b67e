"""`toolkit up` on engines newer than this machine's, which know `start_interval`: by hand, as they are fetched first.

Debian's signed packages of the releases below are unpacked into a directory of their own, never installed; each engine
runs in namespaces of its own. `make proof` runs this, and docs/proof/engines.md tells what came out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.engine import execute
from tests.support.hosts import hosts
from tests.support.stack import OFF, Stack

if TYPE_CHECKING:
    from tests.support.hosts import Host

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
# Each is healthy long before a check every minute would tell.
RARELY = {"enabled": True, "health": {"interval": "60s"}}
FETCH = """
set -eu
. "$1/scripts/common.sh"
. "$1/scripts/packages.sh"
for package in docker.io containerd; do
    fetch_package "$2" "$package" "$3"
    dpkg-deb --extract "$3/$package"_*.deb "$3/unpacked"
done
"""


@pytest.mark.parametrize(("release", "major"), [("trixie", 26), ("sid", 28)])
def test_up_works_and_is_healthy_long_before_the_next_check(release: str, major: int, tmp_path: Path) -> None:
    fetched, project = tmp_path / "packages", tmp_path / "project"
    fetched.mkdir()
    project.mkdir()
    done = execute("bash", "-c", FETCH, "fetch", str(ROOT), release, str(fetched), timeout_s=600)
    assert done.returncode == 0, done.stdout + done.stderr
    programs = (fetched / "unpacked/usr/sbin", fetched / "unpacked/usr/bin")
    with hosts("newer", engines={"newer": programs}) as (newer,):
        version = newer.docker("version", "--format", "{{.Server.Version}}")
        assert int(version.split(".")[0]) == major
        assert_it_works_there(newer, project, version)


def assert_it_works_there(newer: Host, project: Path, version: str) -> None:
    with newer.meant():
        stack = Stack(
            project, host=newer, llm_general=OFF, llm_fast=OFF, edge=OFF, mariadb=RARELY, redis=RARELY
        )
    first = stack.up()
    print(f"{version}: up in {first['elapsed_s']} s")
    assert first["services"] == {"mariadb": "healthy", "redis": "healthy"}
    assert first["elapsed_s"] < 60
    services = yaml.safe_load((stack.build / "compose.yaml").read_text())["services"]
    for name in ("mariadb", "redis"):
        assert "start_interval" in services[name]["healthcheck"]
        check = newer.inspect(stack.container(name))["Config"]["Healthcheck"]
        assert 0 < check["StartInterval"] < check["Interval"] == 60 * 10**9
    assert stack.up()["actions"] == []
    changed = stack.up("--set=services.redis.max_clients=77")
    assert [(one["service"], one["kind"]) for one in changed["actions"]] == [("redis", "recreate")]
    removed = stack.toolkit("down", "--volumes", f"--yes-delete={stack.project}", "--output=json").json
    assert set(removed["removed"]) == {"mariadb", "redis"}
