"""Has a rendered file judged by the program that will read it, in the image that will run it."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.engine import execute
from toolkit.engine.argv import Mount, ThrowAway, run
from toolkit.planning.images import PINS, ImagePin, local_ref
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable

REDIS_READY = "Ready to accept connections"
_ACL = "user default off\nuser health on nopass resetchannels -@all +ping\n"
_COMPLAINT = re.compile(
    r"\b(ERROR|ALERT|FATAL|Unresolved|deprecated|removed|unknown|ignored|obsolete|adjusted|truncated)\b",
    re.IGNORECASE,
)
# The first worker takes all servers for down, on purpose; a host's own settings are no matter of a file.
_EXPECTED = re.compile(r"is DOWN|max_open_files|overcommit|Warnings were found")


@dataclass(frozen=True)
class Verdict:
    """What a program said of a file: its exit code, the lines in which it complains, and all of them."""

    code: int
    complaints: tuple[str, ...]
    text: str


def haproxy(config: Path, state: Path) -> Verdict:
    """Have HAProxy check the configuration in the directory `config`; `state` is for the map of keys."""
    (state / "keys.map").touch()
    mounts = (Mount(config, "/usr/local/etc/haproxy"), Mount(state, "/etc/haproxy/keys"))
    command = ("haproxy", "-c", "-V", "-f", "/usr/local/etc/haproxy/haproxy.cfg")
    return _judged(*_once(PINS["haproxy"], command, mounts))


def mariadb(config: Path) -> Verdict:
    """Have MariaDB read the directory `config` and tell all its variables."""
    code, out, said = _once(
        PINS["mariadb"],
        ("--verbose", "--help"),
        (Mount(config, "/etc/mysql/conf.d"),),
        entrypoint="mariadbd",
    )
    verdict = _judged(code, "", said)
    return Verdict(verdict.code, verdict.complaints, out + said)


def vector_db(config: Path) -> Verdict:
    """Have PostgreSQL read the directory `config`; it stops before it would need its data."""
    argv = ("-D", "/tmp", "-c", "config_file=/etc/postgresql/postgresql.conf", "-C", "work_mem")
    mounts = (Mount(config, "/etc/postgresql"),)
    return _judged(*_once(PINS["vector-db"], argv, mounts, entrypoint="postgres"))


def redis(config: Path, state: Path) -> Verdict:
    """Start Redis with the configuration in the directory `config`, until it serves or ends."""
    (state / "users.acl").write_text(_ACL)
    name = f"lint-{uuid.uuid4().hex[:8]}"
    mounts = (Mount(config, "/usr/local/etc/redis"), Mount(state, "/run/redis-acl"))
    once = ThrowAway(
        local_ref(PINS["redis"]),
        ("redis-server", "/usr/local/etc/redis/redis.conf"),
        mounts=mounts,
        user="999:999",
    )
    docker, word, *rest = run(once)
    lines = []
    with subprocess.Popen(
        [docker, word, "--name", name, *rest], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        for line in server.stdout or ():
            lines.append(line)
            if REDIS_READY in line:
                execute("docker", "kill", name)
    served = any(REDIS_READY in line for line in lines)
    return _judged(0 if served else server.returncode, "".join(lines), "")


def prometheus(config: Path) -> Verdict:
    """Have promtool check the configuration in the directory `config`."""
    command = ("check", "config", "/etc/prometheus/prometheus.yml")
    mounts = (Mount(config, "/etc/prometheus"),)
    return _judged(*_once(PINS["prometheus"], command, mounts, entrypoint="promtool"))


def vllm(argvs: Iterable[tuple[str, ...]], models: Path, *, deep: bool) -> list[dict[str, Any]]:
    """Return the verdict of vLLM's own parser on each list; `models` is the directory of the tiny models."""
    script = resource_dir("compose") / "images" / "vllm" / "check_argv.py"
    once = ThrowAway(
        local_ref(PINS["vllm-cpu"]),
        ("/check_argv.py", *(("--deep",) if deep else ())),
        entrypoint="python3",
        user="1000:1000",
        mounts=(Mount(script, "/check_argv.py"), Mount(models, "/models")),
    )
    docker, word, *rest = run(once)
    environ = ("--env", "HOME=/cache/home", "--env", "VLLM_NO_USAGE_STATS=1", "--env", "OMP_NUM_THREADS=1")
    lists = "".join(json.dumps(argv) + "\n" for argv in argvs)
    done = execute(docker, word, *environ, *rest, stdin=lists, timeout_s=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _once(
    pin: ImagePin, command: tuple[str, ...], mounts: tuple[Mount, ...], entrypoint: str | None = None
) -> tuple[int, str, str]:
    once = ThrowAway(
        local_ref(pin), command, entrypoint=entrypoint, user=f"{pin.uid}:{pin.gid}", mounts=mounts
    )
    done = execute(*run(once))
    return done.returncode, done.stdout, done.stderr


def _judged(code: int, out: str, said: str) -> Verdict:
    lines = (out + said).splitlines()
    complaints = [line for line in lines if _COMPLAINT.search(line) and not _EXPECTED.search(line)]
    return Verdict(code, tuple(complaints), out + said)
