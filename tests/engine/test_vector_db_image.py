"""The first start of PostgreSQL: accounts from secret files, scripts; half a data directory is made anew."""

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
IMAGE = local_ref(PINS["vector-db"])
# What would break out of an SQL literal, a shell word or a name; PostgreSQL itself wants no quotes in the user's name.
PASSWORD, USER, DATABASE = "pa'ss\"w\\ord $x", "o-hara x", "my-\"ba'se"
WHERE = "/var/lib/postgresql/data"
UNFINISHED = f"{WHERE}/.initialisation-unfinished"
CONFINED = (
    *("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--tmpfs", "/tmp", "--tmpfs", "/var/run/postgresql"),
)
CONFIG = f"data_directory = '{WHERE}'\nlisten_addresses = '*'\nwork_mem = 7MB\n"
NEVER_ENDS = "touch /tmp/reached; while :; do sleep 1; done"


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build_images(SubprocessRunner(), resource_dir("compose") / "images", ("vector-db",), print)


@pytest.fixture
def things() -> Iterator[Throwaway]:
    with throwaway() as started:
        yield started


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A secret of mode 0600, a configuration, and two scripts of the first start."""
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "postgresql.conf").write_text(CONFIG)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "10-extension.sql").write_text("CREATE EXTENSION vector;\nCREATE TABLE t (v vector(3));\n")
    (scripts / "20-rows.sh").write_text("docker_process_sql -c \"INSERT INTO t VALUES ('[1,2,3]')\"\n")
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    owned_by(999, tmp_path)
    return tmp_path


def owned_by(uid: int, files: Path) -> None:
    (files / "password").chmod(0o600)
    execute("chown", f"{uid}:{uid}", str(files / "password"))


def start(things: Throwaway, files: Path, volume: str, user: str = "999:999") -> str:
    names = ("POSTGRES_PASSWORD_FILE=/s/password", f"POSTGRES_USER={USER}", f"POSTGRES_DB={DATABASE}")
    variables = [word for name in names for word in ("--env", name)]
    scripts = f"{files / 'scripts'}:/docker-entrypoint-initdb.d:ro"
    mounts = [word for m in (f"{files}:/s:ro", scripts, f"{volume}:{WHERE}") for word in ("--volume", m)]
    command = ("postgres", "-c", "config_file=/s/postgresql.conf")
    return things.start(*CONFINED, "--user", user, *mounts, *variables, IMAGE, *command)


def wait_healthy(name: str) -> None:
    # with a name: a user that the image does not know has none
    ready = ("pg_isready", "--quiet", "--host", "127.0.0.1", "--username", USER)
    until(lambda: inside(name, *ready).returncode == 0, "PostgreSQL that answers by TCP", budget_s=180)


def ask(name: str, sql: str, host: str = "127.0.0.1", password: str = PASSWORD) -> tuple[int, str]:
    """Run SQL over TCP; the password comes by stdin. Returns the exit code and what was said."""
    client = 'IFS= read -r PGPASSWORD; export PGPASSWORD; exec psql -h "$1" -U "$2" -d "$3" -XAtq'
    words = ("bash", "-c", client, "sh", host, USER, DATABASE)
    done = inside(name, *words, stdin=f"{password}\n{sql}\n")
    return done.returncode, (done.stdout + done.stderr).strip()


def in_volume(volume: str, *command: str) -> int:
    mount = ("--volume", f"{volume}:{WHERE}", "--user", "0", "--entrypoint", command[0])
    return execute("docker", "run", "--rm", *mount, IMAGE, *command[1:]).returncode


def test_first_start_makes_account_and_database_and_a_second_keeps_the_rows(
    things: Throwaway, files: Path
) -> None:
    volume = things.volume()
    first = start(things, files, volume)
    wait_healthy(first)
    assert ask(first, "SELECT current_user, current_database()") == (0, f"{USER}|{DATABASE}")
    assert ask(first, "SELECT rolname FROM pg_roles WHERE rolcanlogin") == (0, USER)
    assert ask(first, "SELECT v <=> '[1,2,3]' FROM t") == (0, "0")
    assert ask(first, "CREATE INDEX ON t USING hnsw (v vector_cosine_ops); SHOW work_mem") == (0, "7MB")
    # sorted as the official image sorts, or a volume would not do for both
    assert ask(first, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == (
        0,
        "en_US.utf8",
    )
    assert docker("exec", first, "ps", "-o", "user=", "-p", "1") == "postgres"
    assert PASSWORD not in docker("exec", first, "cat", "/proc/1/environ")
    docker("stop", "--time", "60", first)
    second = start(things, files, volume)
    wait_healthy(second)
    assert ask(second, "SELECT count(*) FROM t") == (0, "1")
    assert "initialising" not in docker("logs", second)


def test_a_wrong_password_is_refused_on_every_address(things: Throwaway, files: Path) -> None:
    name = start(things, files, things.volume())
    wait_healthy(name)
    outside = docker("exec", name, "hostname", "-i")
    for host in ("127.0.0.1", outside):
        assert ask(name, "SELECT 1", host) == (0, "1")
        code, said = ask(name, "SELECT 1", host, password="wrong")
        assert code == 2
        assert f'password authentication failed for user "{USER}"' in said


@pytest.mark.parametrize(
    "seen",
    [f"{UNFINISHED}/global", f"{UNFINISHED}/PG_VERSION", f"{UNFINISHED}/postmaster.pid", "/tmp/reached"],
)
def test_a_killed_initialisation_is_done_again(things: Throwaway, files: Path, seen: str) -> None:
    volume, endless = things.volume(), files / "scripts" / "30-endless.sh"
    endless.write_text(NEVER_ENDS)
    first = start(things, files, volume)
    until(lambda: inside(first, "test", "-e", seen).returncode == 0, seen, budget_s=180)
    docker("kill", "--signal", "KILL", first)
    endless.unlink()
    second = start(things, files, volume)
    wait_healthy(second)
    assert "cut short; starting it again" in docker("logs", second)
    assert ask(second, "SELECT count(*) FROM t") == (0, "1")
    assert in_volume(volume, "test", "-e", UNFINISHED) == 1


def test_one_that_was_killed_while_it_moved_into_place_is_done_again(things: Throwaway, files: Path) -> None:
    volume = things.volume()
    first = start(things, files, volume)
    wait_healthy(first)
    docker("stop", "--time", "60", first)
    back = f"mkdir {UNFINISHED} && mv {WHERE}/PG_VERSION {WHERE}/global {UNFINISHED} && chown -R 999 {UNFINISHED}"
    assert in_volume(volume, "sh", "-c", back) == 0
    second = start(things, files, volume)
    wait_healthy(second)
    assert "cut short; starting it again" in docker("logs", second)
    assert ask(second, "SELECT count(*) FROM t") == (0, "1")


def test_a_failing_script_ends_the_first_start_and_every_next_one(things: Throwaway, files: Path) -> None:
    (files / "scripts" / "30-wrong.sql").write_text("CREATE TABLE u (n nonsense);\n")
    volume = things.volume()
    for _ in range(2):
        name = start(things, files, volume)
        assert docker("wait", name) == "3"
        assert 'type "nonsense" does not exist' in execute("docker", "logs", name).stderr
    assert in_volume(volume, "test", "-e", f"{WHERE}/PG_VERSION") == 1


def test_a_user_that_the_image_does_not_know_can_be_the_server(things: Throwaway, files: Path) -> None:
    volume = things.volume()
    owned_by(4321, files)
    # to an empty volume the engine would give the image's owner again; some file systems have this directory
    assert in_volume(volume, "sh", "-c", f"mkdir {WHERE}/lost+found && chown 4321:4321 {WHERE}") == 0
    name = start(things, files, volume, "4321:4321")
    wait_healthy(name)
    assert ask(name, "SELECT count(*) FROM t") == (0, "1")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "set POSTGRES_PASSWORD_FILE"),
        (("--env", "POSTGRES_PASSWORD_FILE=/none"), "POSTGRES_PASSWORD_FILE=/none cannot be read"),
        (("--user", "0"), "PostgreSQL refuses to run as root: start the container as user 999:999"),
        (("--user", "4321"), f"{WHERE} belongs to user 999, and this is user 4321"),
    ],
)
def test_what_cannot_start_is_refused_and_leaves_nothing(
    things: Throwaway, words: tuple[str, ...], complaint: str
) -> None:
    volume = things.volume()
    done = execute("docker", "run", "--rm", "--volume", f"{volume}:{WHERE}", *words, IMAGE)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert in_volume(volume, "sh", "-c", f'test -z "$(ls -A {WHERE})"') == 0


def test_a_directory_of_something_else_is_refused_and_kept(things: Throwaway) -> None:
    volume = things.volume()
    assert in_volume(volume, "touch", f"{WHERE}/precious") == 0
    mount = ("--volume", f"{volume}:{WHERE}", "--env", "POSTGRES_PASSWORD=x")
    done = execute("docker", "run", "--rm", *mount, IMAGE)
    assert done.returncode == 1
    assert "neither empty nor a PostgreSQL data directory" in done.stderr
    assert in_volume(volume, "test", "-e", f"{WHERE}/precious") == 0
