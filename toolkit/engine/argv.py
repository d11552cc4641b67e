"""What is called of docker and docker compose, as tuples: this module runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COMPOSE_FILE = "compose.yaml"

Argv = tuple[str, ...]
# But for `up`, which would start them: left out, services on demand would neither be stopped nor removed.
_EVERY_PROFILE = ("--profile", "*")


@dataclass(frozen=True, slots=True)
class Project:
    """A Compose project: its name and the published directory that holds its compose.yaml."""

    name: str
    directory: Path

    @property
    def file(self) -> Path:
        """The one Compose file of the project."""
        return self.directory / COMPOSE_FILE


def compose(project: Project, *words: str) -> Argv:
    """Return `docker compose` bound to this project alone, whatever COMPOSE_* variables are set."""
    return (
        *("docker", "compose", "--ansi", "never", "--progress", "plain"),
        *(() if words[0] == "up" else _EVERY_PROFILE),
        *("--project-name", project.name, "--project-directory", str(project.directory)),
        *("--file", str(project.file), *words),
    )


def compose_config(project: Project) -> Argv:
    """Return the check of the file by Compose's own parser."""
    return compose(project, "config", "--quiet")


def compose_up(project: Project, services: Iterable[str] = (), *, with_dependencies: bool = True) -> Argv:
    """Return `up` that neither builds nor pulls; no services means all of them, orphans removed."""
    services = tuple(services)
    alone = () if with_dependencies else ("--no-deps",)
    orphans = () if services else ("--remove-orphans",)
    return compose(project, "up", "-d", "--no-build", "--pull", "never", *orphans, *alone, *services)


def compose_create(project: Project, services: Iterable[str]) -> Argv:
    """Return the creation of containers that are not there, started by nobody yet."""
    return compose(project, "create", "--no-build", "--pull", "never", "--no-recreate", *services)


def compose_stop(project: Project, services: Iterable[str] = ()) -> Argv:
    """Return the stop that keeps the containers; each service's own stop grace counts."""
    return compose(project, "stop", *services)


def compose_down(project: Project, *, volumes: bool = False) -> Argv:
    """Return the removal of containers and networks, and of the named volumes only when asked for."""
    return compose(project, "down", "--remove-orphans", *(("--volumes",) if volumes else ()))


def compose_restart(project: Project, services: Iterable[str] = ()) -> Argv:
    """Return the restart of running containers; a changed definition is not taken up by it."""
    return compose(project, "restart", "--no-deps", *services)


def compose_logs(project: Project, services: Iterable[str] = (), *, follow: bool, tail: int | None) -> Argv:
    """Return the logs, `tail` lines of each container or all of them."""
    flow = ("--follow",) if follow else ()
    return compose(
        project, "logs", "--no-color", *flow, "--tail", "all" if tail is None else str(tail), *services
    )


def compose_run(project: Project, service: str, command: Iterable[str], capability: str) -> Argv:
    """Return one command as root in a container of the service: its mounts, but nothing published."""
    program, *words = command
    return compose(
        project,
        *("run", "--rm", "--no-deps", "-T", "--quiet-pull", "--user", "0:0", "--cap-add", capability),
        *("--entrypoint", program, service, *words),
    )


def compose_ps(project: Project) -> Argv:
    """Return the list of the project's containers, stopped ones too, one JSON object a line."""
    return compose(project, "ps", "--all", "--format", "json")


def compose_version() -> Argv:
    """Return the question for Compose's version."""
    return ("docker", "compose", "version", "--short")


def engine_version() -> Argv:
    """Return the question for the versions of client and engine, as JSON."""
    return ("docker", "version", "--format", "{{json .}}")


def image_inspect(references: Iterable[str]) -> Argv:
    """Return the look-up of images on this machine: exit 1 when one is missing, the others still listed."""
    return ("docker", "image", "inspect", "--format", "{{.Id}}", *references)


def image_pull(reference: str) -> Argv:
    """Return the pull of one image."""
    return ("docker", "pull", reference)


def labelled(label: str) -> Argv:
    """Return the list of containers with a label, stopped ones too: an id a line."""
    return ("docker", "ps", "--all", "--quiet", "--filter", f"label={label}")


def remove(containers: Iterable[str]) -> Argv:
    """Return the end of containers, running or not, with the volumes that are only theirs."""
    return ("docker", "rm", "--force", "--volumes", *containers)


def kill(container: str, signal: str) -> Argv:
    """Return a signal to a container's first process."""
    return ("docker", "kill", "--signal", signal, container)


def execute(container: str, command: Iterable[str]) -> Argv:
    """Return a command inside a running container, stdin attached, without a terminal."""
    return ("docker", "exec", "--interactive", container, *command)


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path shown to a container; a missing one is refused, or `made` by the engine."""

    source: Path
    target: str
    writable: bool = False
    made: bool = False

    def as_words(self) -> Argv:
        """Return `--mount`, which refuses a missing source, or `--volume`, which creates it."""
        if self.made:
            return ("--volume", f"{self.source}:{self.target}" + ("" if self.writable else ":ro"))
        flag = f"type=bind,source={self.source},target={self.target}" + ("" if self.writable else ",readonly")
        return ("--mount", flag)


@dataclass(frozen=True, slots=True)
class ThrowAway:
    """A container that lives for one command: no network, nothing kept."""

    image: str
    command: Argv = ()
    entrypoint: str | None = None
    user: str | None = None
    mounts: tuple[Mount, ...] = ()
    network: str = "none"
    flags: Argv = ()


def run(once: ThrowAway) -> Argv:
    """Return `docker run --rm` of a throw-away container; the image has to be there."""
    return (
        *("docker", "run", "--rm", "--interactive", "--pull", "never", "--network", once.network),
        *(("--user", once.user) if once.user else ()),
        *(("--entrypoint", once.entrypoint) if once.entrypoint else ()),
        *(word for mount in once.mounts for word in mount.as_words()),
        *once.flags,
        *(once.image, *once.command),
    )
