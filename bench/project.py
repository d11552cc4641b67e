"""A project directory of the bench's own, with the stack that is measured in it."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from bench.errors import BenchError
from bench.timing import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENT = "development"
MODEL = "tiny"
_UP_TIMEOUT_S = 1800


class Project:
    """The services of `development` on `cpu`, both models the generated one, on a free port."""

    def __init__(self, directory: Path, toolkit: str) -> None:
        self.directory = directory
        self.program = toolkit
        self._profile = f"bench{os.getpid()}"
        self.name = f"{self._profile}-{ENVIRONMENT}"
        self.port = _free_port()
        self.build = directory / "build"
        self.compose_file = self.build / ENVIRONMENT / "compose.yaml"

    def write_profile(self) -> None:
        """Write toolkit.yaml: what `init` finds on this machine, but a name, a port and models of our own."""
        profile = yaml.safe_load(run(self.toolkit("init", "--print")))
        profile["project"] = self._profile
        services = profile.setdefault("services", {})
        services.setdefault("edge", {})["port"] = self.port
        for service in ("llm_general", "llm_fast"):
            services.setdefault(service, {})["model"] = MODEL
        (self.directory / "toolkit.yaml").write_text(yaml.safe_dump(profile), "utf-8")

    def toolkit(self, *words: str) -> tuple[str, ...]:
        """Return a command of the toolkit for this project."""
        return (self.program, *words, "--env", ENVIRONMENT, "--project-dir", str(self.directory))

    def service(self, name: str) -> dict[str, Any]:
        """Return the rendered definition of one service."""
        found: dict[str, Any] = yaml.safe_load(self.compose_file.read_text("utf-8"))["services"][name]
        return found

    def key(self) -> str:
        """Return an API key that the edge accepts."""
        return (self.directory / ".toolkit" / ENVIRONMENT / "keys" / "default.key").read_text("utf-8").strip()

    def containers(self) -> str:
        """Return ids and start times of the project's containers: a text that changes when one is touched."""
        only = f"label=com.docker.compose.project={self.name}"
        ids = run(("docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", only)).split()
        return run(("docker", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", *sorted(ids)))

    @contextmanager
    def running(self) -> Iterator[float]:
        """Bring the stack up from nothing, give the seconds that took, and take it down whatever happens."""
        try:
            began = time.perf_counter()
            run(self.toolkit("up", "--wait=models"), timeout_s=_UP_TIMEOUT_S)
            yield time.perf_counter() - began
        finally:
            self._remove()

    def _remove(self) -> None:
        """Take the stack down; what does not work is only told, so that figures or an earlier error stay."""
        try:
            run(self.toolkit("down", "--volumes", "--yes-delete", self.name, "--output", "json"))
        except BenchError as error:
            print(f"bench: `toolkit down` failed: {error}", file=sys.stderr)
            self._remove_by_compose()

    def _remove_by_compose(self) -> None:
        try:
            run(("docker", "compose", "--project-name", self.name, "down", "--volumes"))
        except BenchError as error:
            print(f"bench: the stack {self.name} may still be there: {error}", file=sys.stderr)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
