"""A real edge container before two stub model servers, as its own Compose project, gone at the end."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import edge_config, edge_project
from tests.support.engine import docker, until
from toolkit.clock import Deadline
from toolkit.engine.edge import EdgeAdmin
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.response_cache import response_cache_values
from toolkit.units import MIB
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.engine.edge_state import ServerState
    from toolkit.planning.edge import EdgeValues
    from toolkit.planning.edge_pools import EdgeModel

__all__ = ["KEY", "EdgeLab", "docker", "edge_lab", "until"]
KEY = "sk-test-of-the-edge"


@dataclasses.dataclass
class EdgeLab:
    """The running parts; a server is addressed by its model, or by its own name without `llm-`."""

    project: str
    directory: Path
    values: EdgeValues

    def __post_init__(self) -> None:
        self.admin = EdgeAdmin(SubprocessRunner(), self.container("edge"))

    @property
    def servers(self) -> tuple[str, ...]:
        """All servers, each by its name without `llm-`."""
        return tuple(s.name.removeprefix("llm-") for pool in self.values.pools for s in pool.servers)

    def container(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def compose(self, *words: str) -> None:
        docker("compose", "-p", self.project, "-f", str(self.directory / "compose.yaml"), *words)

    @property
    def url(self) -> str:
        return f"http://{docker('port', self.container('edge'), '8080/tcp').splitlines()[0]}"

    def server_url(self, model: str) -> str:
        networks = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", self.llm(model)))
        return f"http://{networks[f'{self.project}_inference']['IPAddress']}:8000"

    def llm(self, model: str) -> str:
        return self.container(f"llm-{model}")

    def write_config(self, **changes: Any) -> str:
        """Publish the edge's files with some values changed and return the digest."""
        return edge_config.write(self.directory / "edge", replace(self.values, **changes))

    def write_cache_config(self, ttl_s: float = 60.0) -> None:
        """Write what the response cache reads at its start, where there is one."""
        if self.values.cache:
            known = response_cache_values(
                self.values, ttl_s=ttl_s, entries=1000, size_bytes=16 * MIB, micro_ttl_s=5.0, cpus=1.0
            )
            at = self.directory / "response-cache"
            at.mkdir(exist_ok=True)
            (at / "nginx.conf").write_text(edge_config.cache_text(known))

    def deadline(self, seconds: float = 60.0) -> Deadline:
        return Deadline.after(seconds)

    def counts(self, model: str) -> dict[str, int]:
        """How many completions a server was `asked` for, and how many are `running`."""
        return dict(httpx.get(f"{self.server_url(model)}/counts", timeout=30).json())

    def kill(self, *servers: str) -> float:
        """End the containers of servers, all at once; return the `time.monotonic()` just before."""
        at = time.monotonic()
        docker("kill", *(self.llm(server) for server in servers))
        return at

    def tell(self, model: str, path: str) -> None:
        """POST to a server itself, past the edge."""
        with httpx.Client(timeout=30) as client:
            client.post(self.server_url(model) + path, json={})

    def answer_once(self, model: str) -> None:
        """Let a server finish its first request, as the health check of a real one does."""
        url = self.server_url(model)
        until(lambda: _completes(url), f"{model} answers by itself")

    def own(self, model: str) -> ServerState:
        """How the edge sees a server."""
        states = self.admin.server_states(self.deadline())
        return next(state for state in states if state.server == f"llm-{model}")

    def make_ready(self) -> None:
        """Bring all servers to where each has answered and is admitted."""
        self.compose("up", "-d", "--no-build", "--pull", "never")
        for server in self.servers:
            self.answer_once(server)
        for server in self.servers:
            self.admitted(server)

    def admitted(self, model: str) -> None:
        """Wait until the edge has seen that a server has answered."""
        until(lambda: self.own(model).up, f"{model} is admitted")

    def ask(self, model: str = "general", *, key: str = KEY, **extra: Any) -> httpx.Response:
        """Return the answer to one chat request through the edge."""
        said = {"model": model, "messages": [{"role": "user", "content": "hello"}], **extra}
        return self.post("/v1/chat/completions", key=key, **said)

    def post(self, path: str, *, key: str = KEY, **body: Any) -> httpx.Response:
        """Return the answer to a request through the edge."""
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(self.url + path, json=body, headers=headers, timeout=60)


def _completes(url: str) -> bool:
    try:
        return httpx.post(f"{url}/v1/completions", json={"model": "any"}, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def edge_lab(
    directory: Path, *models: EdgeModel, start_delay_s: float = 0.0, **more: Any
) -> Iterator[EdgeLab]:
    """Yield a lab whose containers run and have not answered yet; servers listen after the delay.

    `more` goes to EdgeExtras: a cache, routes, a limit.
    """
    values = replace(edge_config.values(*models, read_s=2.0, **more), request_ms=1500)
    lab = EdgeLab(f"edge-test-{uuid.uuid4().hex[:8]}", directory, values)
    (directory / "keys").mkdir(exist_ok=True)
    (directory / "keys" / "keys.map").write_text(f"{hashlib.sha256(KEY.encode()).hexdigest()} tester\n")
    (directory / "compose.yaml").write_text(
        yaml.safe_dump(edge_project.project(directory, values, start_delay_s))
    )
    lab.write_config()
    lab.write_cache_config()
    for path in (directory, *directory.parents[:2]):
        path.chmod(0o755)
    try:
        lab.compose("up", "-d", "--no-build", "--pull", "never")
        until(lambda: _listens(lab.url), "the edge listens")
        yield lab
    finally:
        subprocess.run(
            ("docker", "compose", "-p", lab.project, "down", "-v", "-t", "0"),
            capture_output=True,
            check=False,
        )


def _listens(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
