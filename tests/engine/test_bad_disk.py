"""A full disk, and a data volume whose secret is gone: nothing half-written, no data touched, and a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import rows
from tests.support.other_machine import fill, small_disk, without_compose
from tests.support.refusals import Said, only, refuse, refused
from tests.support.stack import OFF, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine


@pytest.fixture
def datastores(tmp_path: Path) -> Iterator[Stack]:
    """Redis and MariaDB, gone at the end."""
    (tmp_path / "project").mkdir()
    with gone_at_the_end(Stack(tmp_path / "project", llm_general=OFF, llm_fast=OFF)) as stack:
        yield stack


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        project = Stack(disk, llm_general=OFF, llm_fast=OFF)
        project.toolkit("render")
        full = fill(disk)
        project.sets.append("services.redis.max_clients=77")
        for verb, place in (("render", project.build), ("up", project.state / "releases")):
            said = only(refuse(project, verb, code=3))
            assert (said.where, said.what) == (str(place), "the disk is full; nothing was published")
            assert "No space left on device" in said.got
            assert said.next_step == "free some space (`df -h .`), then run it again"
        said = only(refuse(project, "init", "--force", code=3))
        assert (said.where, said.what) == (str(disk / "toolkit.yaml"), "it cannot be written")
        assert "No space left on device" in said.got
        assert said.next_step == "free some space, or make the directory writable for this user"

        full.unlink()
        project.toolkit("render", "--check", code=4)
        project.toolkit("render")
        project.toolkit("render", "--check")


def test_a_data_volume_whose_secret_is_gone(datastores: Stack) -> None:
    datastores.up()
    rows(datastores, "CREATE TABLE toolkit.kept (name TEXT); INSERT INTO toolkit.kept VALUES ('still here')")
    secrets = [datastores.state / "secrets" / name for name in ("mariadb-root-password", "mariadb-password")]
    kept = {secret: secret.rename(datastores.directory / f"kept-{secret.name}") for secret in secrets}
    lost = Said(
        "mariadb",
        f"volume {datastores.project}_mariadb-data has data, but its secret is gone",
        "not in .toolkit/development/secrets/: mariadb-root-password, mariadb-password",
        "put the old files back into .toolkit/development/secrets/\nor give the data up: toolkit down "
        f"--env development --volumes --yes-delete {datastores.project}",
    )
    # Also while it runs: a new secret in its place would be noticed only at the next start.
    assert only(refuse(datastores, "up")) == lost
    compose = only(refused(without_compose(datastores.argv("restart", "redis")), 3))
    assert (compose.where, compose.what) == ("Docker Compose", "docker has no command `compose`")
    datastores.toolkit("down")
    assert only(refuse(datastores, "up")) == lost

    for secret, copy in kept.items():
        copy.rename(secret)
    datastores.up()
    assert rows(datastores, "SELECT name FROM toolkit.kept") == [["still here"]]
