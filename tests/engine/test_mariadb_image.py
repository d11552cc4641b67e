"""The first start of MariaDB: accounts from secret files; half a data directory is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.engine import docker, execute, inside, until
from tests.support.throwaway import Throwaway, throwaway
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.images import PINS, local_ref
from toolkit.resources import resource_dir
from toolkit.routines.images import build_images

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine
IMAGE = local_ref(PINS["mariadb"])
# Quotes and backslashes: what would break out of an SQL literal.
ROOT, USER = "ro\"ot\\'pw", "us'er\\`pw"
UNFINISHED = "/var/lib/mysql/.initialisation-unfinished"
AS_MYSQL = ("--user", "999:999", "--cap-drop", "ALL")
AS_ROOT = (
    "--cap-drop",
    "ALL",
    *(w for c in ("CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE") for w in ("--cap-add", c)),
)
HEALTHY = ("healthcheck.sh", "--connect", "--innodb_initialized")


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build_images(SubprocessRunner(), resource_dir("compose") / "images", ("mariadb",), print)


@pytest.fixture
def things() -> Iterator[Throwaway]:
    with throwaway() as started:
        yield started


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    for name, text in (("root", ROOT), ("user", USER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
        execute("chown", "999:999", str(tmp_path / name))
    return tmp_path


def start(things: Throwaway, secrets: Path, volume: str, *user: str) -> str:
    names = ("MARIADB_ROOT_PASSWORD_FILE=/s/root", "MARIADB_PASSWORD_FILE=/s/user", "MARIADB_USER=o'hara")
    variables = [word for name in (*names, "MARIADB_DATABASE=my_base") for word in ("--env", name)]
    mounts = ("--volume", f"{secrets}:/s:ro", "--volume", f"{volume}:/var/lib/mysql")
    confined = (
        "--read-only",
        "--security-opt",
        "no-new-privileges",
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        "/run/mysqld",
    )
    return things.start(*confined, *(user or AS_MYSQL), *mounts, *variables, IMAGE)


def wait_healthy(name: str) -> None:
    until(lambda: inside(name, *HEALTHY).returncode == 0, "a healthy MariaDB", budget_s=180)


def ask(name: str, sql: str, user: str = "root", password: str = ROOT) -> str:
    """Run SQL over TCP; the password comes by stdin."""
    client = 'read -r MYSQL_PWD; export MYSQL_PWD; exec mariadb -h 127.0.0.1 -u "$1" -BN'
    done = inside(name, "bash", "-c", client, "sh", user, stdin=f"{password}\n{sql}\n")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def in_volume(volume: str, *command: str) -> int:
    mount = f"{volume}:/var/lib/mysql"
    return execute(
        "docker", "run", "--rm", "--volume", mount, "--entrypoint", command[0], IMAGE, *command[1:]
    ).returncode


@pytest.mark.parametrize("user", [AS_MYSQL, AS_ROOT], ids=["as-mysql", "as-root-with-four-capabilities"])
def test_first_start_makes_the_accounts_and_a_second_keeps_the_rows(
    things: Throwaway, secrets: Path, user: tuple[str, ...]
) -> None:
    volume = things.volume()
    first = start(things, secrets, volume, *user)
    wait_healthy(first)
    assert ask(first, "SELECT CURRENT_USER()") == "root@%"
    accounts = ask(first, "SELECT CONCAT(User, '@', Host) FROM mysql.user ORDER BY 1").split()
    expected = ["healthcheck@127.0.0.1", "healthcheck@::1", "healthcheck@localhost", "mariadb.sys@localhost"]
    assert accounts == [*expected, "o'hara@%", "root@%", "root@localhost"]
    ask(first, "USE my_base; CREATE TABLE t (n INT); INSERT INTO t VALUES (42);", "o'hara", USER)
    assert docker("exec", first, "ps", "-o", "user=", "-p", "1") == "mysql"
    docker("stop", "--time", "60", first)
    second = start(things, secrets, volume, *user)
    wait_healthy(second)
    assert ask(second, "SELECT n FROM my_base.t", "o'hara", USER) == "42"
    assert "initialising" not in docker("logs", second)


def test_wrong_password_is_refused_and_the_user_sees_its_own_database_only(
    things: Throwaway, secrets: Path
) -> None:
    name = start(things, secrets, things.volume())
    wait_healthy(name)
    wrong = inside(name, "mariadb", "-h", "127.0.0.1", "-u", "root", "-pwrong", "-e", "SELECT 1")
    assert wrong.returncode == 1
    assert "Access denied" in wrong.stderr
    assert ask(name, "SHOW DATABASES", "o'hara", USER).split() == ["information_schema", "my_base"]


@pytest.mark.parametrize("seen", ["mysql", "mysql/global_priv.MAD", ".my-healthcheck.cnf"])
def test_a_killed_initialisation_is_done_again(things: Throwaway, secrets: Path, seen: str) -> None:
    volume = things.volume()
    first = start(things, secrets, volume)
    inside(first, "sh", "-c", f"until [ -e /var/lib/mysql/{seen} ]; do :; done; kill -STOP -1")
    docker("kill", "--signal", "KILL", first)
    assert in_volume(volume, "test", "-d", "/var/lib/mysql/mysql") == 0
    cut_short = in_volume(volume, "test", "-e", UNFINISHED) == 0
    # the last file comes a moment before the end, which may win
    assert cut_short or seen == ".my-healthcheck.cnf"
    second = start(things, secrets, volume)
    wait_healthy(second)
    assert ask(second, "SELECT CURRENT_USER()", "o'hara", USER) == "o'hara@%"
    assert ("cut short; starting it again" in docker("logs", second)) == cut_short
    assert in_volume(volume, "test", "-e", UNFINISHED) == 1


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ((), "set MARIADB_ROOT_PASSWORD_FILE"),
        (("--env", "MARIADB_ROOT_PASSWORD_FILE=/none"), "MARIADB_ROOT_PASSWORD_FILE=/none cannot be read"),
        (("--env", "MARIADB_ROOT_PASSWORD=x", "--env", "MARIADB_USER=u"), "set MARIADB_PASSWORD_FILE"),
    ],
)
def test_a_first_start_without_passwords_is_refused_and_leaves_nothing(
    things: Throwaway, variables: tuple[str, ...], complaint: str
) -> None:
    volume = things.volume()
    done = execute("docker", "run", "--rm", "--volume", f"{volume}:/var/lib/mysql", *variables, IMAGE)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert in_volume(volume, "sh", "-c", 'test -z "$(ls -A /var/lib/mysql)"') == 0


def test_a_directory_of_something_else_is_refused_and_kept(things: Throwaway) -> None:
    volume = things.volume()
    assert in_volume(volume, "touch", "/var/lib/mysql/precious") == 0
    mount = ("--volume", f"{volume}:/var/lib/mysql", "--env", "MARIADB_ROOT_PASSWORD=x")
    done = execute("docker", "run", "--rm", *mount, IMAGE)
    assert done.returncode == 1
    assert "neither empty nor a MariaDB data directory" in done.stderr
    assert in_volume(volume, "test", "-e", "/var/lib/mysql/precious") == 0


def test_a_server_that_is_away_is_not_healthy(things: Throwaway) -> None:
    name = things.start("--entrypoint", "sleep", IMAGE, "60")
    done = inside(name, *HEALTHY)
    assert (done.returncode, done.stderr) == (1, "healthcheck: connect failed\n")
    assert inside(name, "healthcheck.sh", "--nonsense").returncode == 2
