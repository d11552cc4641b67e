"""The real command `toolkit` with a project of its own on the real engine, gone at the end of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support.engine import containers_of, engine_version, execute, inspect
from tests.support.ports import free_port
from tests.support.quiet import busy
from toolkit.probes.host import cpu_count, memory_mib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.hosts import Host

TOOLKIT = str(Path(sys.executable).with_name("toolkit"))
SERVICES = (
    "edge",
    "llm-fast",
    "llm-general",
    "mariadb",
    "prometheus",
    "redis",
    "response-cache",
    "vector-db",
)
OFF: Mapping[str, Any] = {"enabled": False}
# Health checks come more often than in any environment, as nearly every test waits for one, and have more time: on a
# busy machine one that is late means nothing.
HEALTHY_SOON: Mapping[str, Any] = {
    "enabled": True,
    "health": {"interval": "2s", "timeout": "20s", "retries": 10},
}
TINY: Mapping[str, Any] = {"model": "tiny", "health": {"interval": "3s", "timeout": "30s"}}
LIMIT_S = 600


@dataclass(frozen=True)
class Ran:
    """One run of the command, with all that it said."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    elapsed_s: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Stack:
    """One environment of a project directory; `sets` are the `--set` values of every run from now on.

    With a `host` of its own the command runs there; what else is asked of the engine needs `host.meant()`.
    """

    def __init__(
        self,
        directory: Path,
        environment: str = "development",
        *,
        host: Host | None = None,
        **services: Mapping[str, Any],
    ) -> None:
        self.host = host
        self.directory = directory
        self.environment = environment
        self.port = free_port()
        self.address = "127.0.0.1"
        self.base = f"t{uuid.uuid4().hex[:8]}"
        self.sets: list[str] = []
        self.ran: list[Ran] = []
        sections = {"llm_general": TINY, "llm_fast": TINY}
        quick = {
            "edge": {**HEALTHY_SOON, "port": self.port},
            "mariadb": HEALTHY_SOON,
            "redis": HEALTHY_SOON,
            "prometheus": {**HEALTHY_SOON, "scrape_interval": "1s"},
            # Only where a test asks for it: most look at what it has no part in.
            "vector_db": OFF,
            # Production has it, and images built here do not.
            "elasticsearch": OFF,
        }
        profile = {
            "project": self.base,
            "image_source": "local",
            "engine": {"version": engine_version()},
            "hosts": {"local": {"memory": f"{memory_mib()}MiB", "cpus": float(cpu_count())}},
            "model_cache": {"source": "volume"},
            # One model after the other would cost every test the time of one; those about it say so.
            "features": {"preload_max_concurrent": 2},
            "services": {**sections, **quick, **services},
        }
        (directory / "toolkit.yaml").write_text(yaml.safe_dump(profile))

    @property
    def project(self) -> str:
        return f"{self.base}-{self.environment}"

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    def expose(self, address: str) -> None:
        """Have the edge listen there, where others reach it."""
        self.address = address
        self.sets.append(f"services.edge.address={address}")

    @property
    def build(self) -> Path:
        return self.directory / "build" / self.environment

    @property
    def state(self) -> Path:
        return self.directory / ".toolkit" / self.environment

    def argv(self, *words: str) -> list[str]:
        """Return the command line; what `words` set themselves counts more than `sets`."""
        options = ["--project-dir", str(self.directory), "--env", self.environment]
        own = [word for word in words if word.startswith("--set=")]
        rest = [word for word in words if word not in own]
        argv = [TOOLKIT, *rest, *options, *(f"--set={one}" for one in self.sets), *own]
        return self.host.argv(*argv) if self.host else argv

    def toolkit(self, *words: str, code: int | None = 0) -> Ran:
        """Run one verb to its end; it has to end with exit code `code`, None meaning any."""
        with busy() if words[0] == "up" else nullcontext():
            began = time.monotonic()
            done = execute(*self.argv(*words), timeout_s=LIMIT_S)
        return self.note(
            Ran(words, done.returncode, done.stdout, done.stderr, time.monotonic() - began), code
        )

    def start(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Start one verb and return it running."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self.argv(*words), stdout=pipe, stderr=pipe, text=True, env={**os.environ, **environ}
        )

    def note(self, ran: Ran, code: int | None) -> Ran:
        """Keep what a run said, and refuse another exit code than `code`."""
        self.ran.append(ran)
        said = f"`toolkit {' '.join(ran.words)}`: {ran.code}, not {code}\n{ran.out}\n{ran.err}"
        assert code in {ran.code, None}, said
        return ran

    def up(self, *words: str) -> Any:
        """Run `up` and return its result."""
        return self.toolkit("up", "--output=json", *words).json

    def container(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def lives(self) -> dict[str, tuple[str, str]]:
        """Return id and start time of each container by service: equal ones were left alone."""
        found = (inspect(name) for name in containers_of(self.project))
        label = "com.docker.compose.service"
        return {one["Config"]["Labels"][label]: (one["Id"], one["State"]["StartedAt"]) for one in found}

    def secret(self, name: str) -> str:
        return (self.state / "secrets" / name).read_text()

    def key(self, name: str = "default") -> str:
        return (self.state / "keys" / f"{name}.key").read_text()

    def secrets(self) -> dict[str, str]:
        """Return everything that must be seen nowhere, by the name of its file."""
        files = [*(self.state / "secrets").glob("*"), *(self.state / "keys").glob("*.key")]
        return {file.name: file.read_text() for file in files}

    def client(self, key: str | None = "", timeout_s: float = 60.0) -> httpx.Client:
        """Return a client of the edge: with the user's first key, with `key`, or for None without any."""
        headers = {} if key is None else {"authorization": f"Bearer {key or self.key()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=timeout_s, trust_env=False)

    def digest(self) -> str:
        """Return the digest of the configuration that the running edge has loaded."""
        with self.client(None) as client:
            return client.get("/healthz").text.strip()

    def remove(self) -> None:
        """Delete containers at once, then the rest: by the command, or by Compose where that fails."""
        if names := containers_of(self.project):
            execute("docker", "rm", "--force", "--volumes", *names)
        done = execute(*self.argv("down", "--volumes", "--yes-delete", self.project), timeout_s=LIMIT_S)
        if done.returncode != 0:
            rest = ("down", "--volumes", "--remove-orphans", "--timeout", "5")
            execute("docker", "compose", "--project-name", self.project, *rest, timeout_s=LIMIT_S)


@contextmanager
def gone_at_the_end(stack: Stack) -> Iterator[Stack]:
    """Yield the stack and remove all of it afterwards, whatever happens."""
    try:
        yield stack
    finally:
        stack.remove()
