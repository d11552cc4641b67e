"""Containers and volumes of one test, gone at its end."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.engine import docker, execute

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Throwaway:
    """Starts containers under names of their own."""

    base: str = field(default_factory=lambda: f"throwaway-{uuid.uuid4().hex[:8]}")
    containers: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)

    def volume(self) -> str:
        """Return the name of a new, empty volume."""
        self.volumes.append(docker("volume", "create", f"{self.base}-{len(self.volumes)}"))
        return self.volumes[-1]

    def start(self, *words: str) -> str:
        """Start a container in the background with the words of `docker run`; return its name."""
        name = f"{self.base}-{len(self.containers)}"
        self.containers.append(name)
        docker("run", "--detach", "--pull", "never", "--name", name, *words)
        return name


@contextmanager
def throwaway() -> Iterator[Throwaway]:
    """Yield an empty one; remove what it started, also after a failure."""
    things = Throwaway()
    try:
        yield things
    finally:
        execute("docker", "rm", "--force", "--volumes", *things.containers)
        execute("docker", "volume", "rm", "--force", *things.volumes)
