"""What each program is called with to judge its own files, in a throw-away container, and how its answer reads.

The files go in through standard input as tar: an engine may be another machine. Nothing is mounted, nothing is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from toolkit.engine.archive import Entry, tar_stream
from toolkit.engine.argv import Argv, ThrowAway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.engine.runner import Completed

LABEL = "io.llm-stack-toolkit.lint"
_COMPLAINT = re.compile(
    r"\b(ERROR|ALERT|FATAL|Unresolved|deprecated|removed|unknown|ignored|obsolete|emerg|invalid|unrecognized|Can't)\b",
    re.IGNORECASE,
)
# The first worker takes all servers for down, on purpose; a host's own settings are no matter of a file.
_EXPECTED = re.compile(r"is DOWN|max_open_files|overcommit|Warnings were found")
_LINES_SHOWN = 6
# Redis has no dry run: it is started, and ended as soon as it would serve.
_REDIS = """\
redis-server /usr/local/etc/redis/redis.conf > /tmp/said 2>&1 & pid=$!
while kill -0 $pid 2>/dev/null && ! grep -q "Ready to accept connections" /tmp/said; do sleep 0.1; done
cat /tmp/said; grep -q "Ready to accept connections" /tmp/said
"""
_PLACE = "/tmp/lint"  # noqa: S108 - in the container
MODELS = "/models"
HUB = f"{MODELS}/.hub"
"""Where the container looks for what the Hub would give."""
_ZEROS = "0" * 64
_DIGEST = re.compile(r"\{sha256:[^}]*\}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program is asked: a shell script, the directories it reads or writes, and further files by their paths."""

    script: str
    directories: Argv
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lint:
    """One question to one program: which services it is about, in which image, as whom, with which files."""

    services: tuple[str, ...]
    image: str
    user: str
    dialect: Dialect

    @property
    def digest(self) -> str:
        """Return what stays while the same would be asked of the same reference."""
        said = (self.image, self.user, self.dialect.script, sorted(self.dialect.files.items()))
        return sha256(repr(said).encode()).hexdigest()

    def once(self, run_id: str) -> ThrowAway:
        """Return the container; its directories are in memory, and belong to its user."""
        uid, gid = self.user.split(":")
        places = [f"{path}:uid={uid},gid={gid},mode=755" for path in self.dialect.directories]
        flags = tuple(word for place in places for word in ("--tmpfs", place))
        return ThrowAway(
            image=self.image,
            command=("-c", f"tar -x -f - -C / && {{ {self.dialect.script}\n}}"),
            entrypoint="sh",
            user=self.user,
            flags=(*flags, "--label", f"{LABEL}={run_id}", "--env", "HOME=/tmp"),
        )

    def stdin(self) -> Iterator[bytes]:
        """Yield the files as tar, owned by the container's user."""
        uid, gid = (int(part) for part in self.user.split(":"))
        names = sorted(
            {f"{parent}/" for path in self.dialect.files for parent in _parents(path, self.dialect)}
        )
        folders = [Entry(name.strip("/"), 0o755, uid, gid) for name in names]
        texts = [
            Entry(path.lstrip("/"), 0o644, uid, gid, text=text)
            for path, text in sorted(self.dialect.files.items())
        ]
        return tar_stream([*folders, *texts])


def _parents(path: str, dialect: Dialect) -> Iterator[str]:
    """Yield the directories of a file below the one that is its own place in memory."""
    top = next(place for place in dialect.directories if path.startswith(f"{place}/"))
    parts = path[len(top) + 1 :].split("/")[:-1]
    yield from (f"{top}/{'/'.join(parts[:i])}" for i in range(1, len(parts) + 1))


def haproxy(config_dir: str, files: Mapping[str, str]) -> Dialect:
    """HAProxy's own check; the map of keys is state, and empty here."""
    keys = {"/etc/haproxy/keys/keys.map": "\n"}
    script = f"haproxy -c -f {config_dir}/haproxy.cfg 2>&1"
    return Dialect(
        script, (config_dir, "/etc/haproxy/keys", "/run/edge", "/run/edge-sockets"), {**files, **keys}
    )


def nginx(config_dir: str, files: Mapping[str, str]) -> Dialect:
    """nginx's own test, which also opens its sockets and makes its directories."""
    script = f"nginx -t -e stderr -c {config_dir}/nginx.conf 2>&1"
    return Dialect(script, (config_dir, "/var/cache/nginx", "/run/edge-sockets", "/tmp"), files)  # noqa: S108 - there


def mariadb(config_dir: str, files: Mapping[str, str]) -> Dialect:
    """MariaDB reads its files to tell all its variables, and complains of what it does not want; it starts nothing."""
    script = "mariadbd --verbose --help 2>&1 >/dev/null"
    return Dialect(script, (config_dir,), files)


def postgresql(config_dir: str, files: Mapping[str, str]) -> Dialect:
    """PostgreSQL stops before it would need its data."""
    script = f"postgres -D /tmp -c config_file={config_dir}/postgresql.conf -C work_mem 2>&1"
    return Dialect(script, (config_dir,), files)


def redis(config_dir: str, files: Mapping[str, str], acl: tuple[str, str]) -> Dialect:
    """Redis is started: `acl` is the path of its users and their text, in which hashes stand for secrets."""
    path, text = acl
    directories = (config_dir, path.rpartition("/")[0], "/data", "/tmp")  # noqa: S108 - in the container
    return Dialect(_REDIS, directories, {**files, path: _DIGEST.sub(_ZEROS, text)})


def prometheus(config_dir: str, files: Mapping[str, str]) -> Dialect:
    """Prometheus' own tool."""
    return Dialect(f"promtool check config {config_dir}/prometheus.yml 2>&1", (config_dir,), files)


@dataclass(frozen=True, slots=True)
class Asked:
    """One argument list of vLLM; `deep` where the model's own configuration is among the files."""

    argv: Argv
    deep: bool


def vllm(asked: Sequence[Asked], scripts: Mapping[str, str], models: Mapping[str, str]) -> Dialect:
    """vLLM's own parser over every argument list; `scripts` are its judges, `models` files of configurations.

    Where a list is asked deep the engine's configuration is made, too: lengths, quantization, ranks against the
    model's shape. That needs neither weights nor a card.
    """
    lists = "".join(json.dumps({"argv": list(one.argv), "deep": one.deep}) + "\n" for one in asked)
    files = {f"{_PLACE}/{name}": text for name, text in scripts.items()}
    quiet = f"VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME={HUB}"
    script = f"{quiet} python3 {_PLACE}/lint_argv.py {_PLACE}/lists"
    return Dialect(script, ("/tmp", MODELS, "/cache"), {**files, f"{_PLACE}/lists": lists, **models})  # noqa: S108


def complaints(done: Completed) -> str:
    """Return the lines in which a program complains of its files, "" where it takes them as they are."""
    lines = (done.stdout + done.stderr).splitlines()
    found = [line.strip() for line in lines if _COMPLAINT.search(line) and not _EXPECTED.search(line)]
    if done.returncode != 0 and not found:
        found = [line.strip() for line in lines[-_LINES_SHOWN:]] or [f"exit code {done.returncode}"]
    return "\n".join(dict.fromkeys(found[:_LINES_SHOWN]))


def verdicts(done: Completed, count: int) -> list[tuple[str, str]] | None:
    """Return stage and error of each of `count` argument lists, both empty where it is fine; None without an answer."""
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or len(answers) != count:
        return None
    return [(str(one["stage"] or ""), str(one["error"] or "")) for one in answers]
