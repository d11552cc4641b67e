"""A user who is not root, in the engine's group: profile, secrets, containers and volumes are that user's."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.datastores import ask_redis, rows
from tests.support.engine import execute, inside
from tests.support.other_machine import OtherUser, other_user
from tests.support.refusals import on_engine
from tests.support.stack import OFF, TOOLKIT, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
SERVICES = ("mariadb", "redis", "vector-db")


class UsersStack(Stack):
    """The databases and Redis in another user's home; every run of the command is that user's."""

    def __init__(self, user: OtherUser) -> None:
        super().__init__(user.home, llm_general=OFF, llm_fast=OFF)
        self.user = user
        self.profile = user.home / "toolkit.yaml"
        # The user's own `init` writes it anew.
        self.profile.unlink()
        off = ("services.llm_general.enabled=false", "services.llm_fast.enabled=false")
        self.sets = [f"project={self.base}", "image_source=local", *off]

    def argv(self, *words: str) -> list[str]:
        return self.user.argv(super().argv(*words))

    def foreign(self) -> list[str]:
        """Return what in the project directory belongs to somebody else."""
        return [str(path) for path in self.directory.rglob("*") if path.lstat().st_uid != self.user.uid]


@pytest.fixture(scope="module")
def users() -> Iterator[UsersStack]:
    built = execute(TOOLKIT, "images", "build", *SERVICES, timeout_s=600)
    assert built.returncode == 0, built.stderr
    with other_user() as user:
        stack = UsersStack(user)
        try:
            yield stack
        finally:
            stack.remove()


def test_init_names_that_user(users: UsersStack) -> None:
    printed = users.toolkit("init", "--print").out
    assert not users.profile.exists()
    assert "# Not root: the services run as you, because their secrets are your files.\n" in printed
    users.toolkit("init")
    assert yaml.safe_load(users.profile.read_text())["run_as"] == {
        "uid": users.user.uid,
        "gid": users.user.gid,
    }


def test_up_is_healthy_and_all_that_users_own(users: UsersStack) -> None:
    assert users.up()["services"] == dict.fromkeys(SERVICES, "healthy")
    assert users.foreign() == []
    secrets = [*(users.state / "secrets").iterdir()]
    assert {stat.S_IMODE(secret.stat().st_mode) for secret in secrets} == {0o600}
    assert len(secrets) == 6
    for service in SERVICES:
        first = inside(users.container(service), "stat", "--format=%u:%g", "/proc/1").stdout
        assert (service, first) == (service, f"{users.user.uid}:{users.user.gid}\n")


def test_the_servers_answer_and_keep_what_they_are_given(users: UsersStack) -> None:
    rows(users, "CREATE TABLE toolkit.kept (name TEXT); INSERT INTO toolkit.kept VALUES ('here')")
    assert ask_redis(users, "SET key value", "GET key", user="app") == ["OK", "value"]
    users.toolkit("restart", "mariadb")
    assert rows(users, "SELECT name FROM toolkit.kept") == [["here"]]


def test_a_second_up_changes_nothing(users: UsersStack) -> None:
    before = users.lives()
    assert users.up()["actions"] == []
    assert users.lives() == before
    users.toolkit("status")


def test_down_takes_everything_with_consent(users: UsersStack) -> None:
    done = users.toolkit("down", "--volumes", f"--yes-delete={users.project}", "--output=json").json
    assert (set(done["removed"]), done["volumes_deleted"]) == (set(SERVICES), True)
    assert on_engine(users.project) == []
    assert users.foreign() == []
