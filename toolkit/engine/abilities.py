"""Asks what engine and Compose are here, refuses what is missing or too old, and says what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine import argv, parse
from toolkit.engine.failures import classify
from toolkit.engine.runner import ProgramMissingError
from toolkit.errors import EngineError, Problem
from toolkit.versions import (
    OLDEST_COMPOSE,
    OLDEST_ENGINE,
    START_INTERVAL_SINCE,
    Version,
    version_of,
    version_text,
)

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.parse import EngineVersion
    from toolkit.engine.runner import Runner

_MAKE_UP = ", or run `make up`, which does so on Debian"


@dataclass(frozen=True, slots=True)
class Abilities:
    """Versions as they name themselves, and what follows from them for the rendered file."""

    engine_version: str
    api_version: str
    compose_version: str
    architecture: str
    start_interval: bool


def engine_abilities(runner: Runner, deadline: Deadline) -> Abilities:
    """Return what the engine that docker talks to (DOCKER_HOST, context) and its Compose can do.

    Raises EngineError, each with its own text: what `versions` raises, engine older than 20.10, Compose older than
    2.26.
    """
    engine, compose = versions(runner, deadline)
    version = _at_least(OLDEST_ENGINE, "Docker Engine", engine.text)
    # `make up` brings a newer Compose; an engine that is there it leaves as it is.
    _at_least(OLDEST_COMPOSE, "Docker Compose", compose, _MAKE_UP)
    start_interval = version >= START_INTERVAL_SINCE
    return Abilities(engine.text, engine.api, compose, engine.architecture, start_interval)


def versions(runner: Runner, deadline: Deadline) -> tuple[EngineVersion, str]:
    """Return what the engine says of itself, and Compose's version, whatever they are.

    Raises EngineError, each with its own text: no docker command, engine not running, no permission on its socket,
    no Compose.
    """
    return _engine(runner, deadline), _compose(runner, deadline)


def compose_missing() -> Problem:
    """Return the problem of a docker command without the Compose plugin."""
    step = _install("Docker Compose", OLDEST_COMPOSE) + _MAKE_UP
    return Problem("Docker Compose", "docker has no command `compose`", "", step)


def _engine(runner: Runner, deadline: Deadline) -> EngineVersion:
    try:
        done = runner.run(argv.engine_version(), deadline=deadline)
    except ProgramMissingError as error:
        step = _install("Docker Engine", OLDEST_ENGINE) + _MAKE_UP
        raise EngineError(Problem("docker", "the docker command is not on PATH", "", step)) from error
    found = parse.engine_version(done.stdout) if done.returncode == 0 else None
    if found is None:
        raise EngineError(*classify(done.stderr or done.stdout))
    return found


def _compose(runner: Runner, deadline: Deadline) -> str:
    done = runner.run(argv.compose_version(), deadline=deadline)
    if done.returncode == 0 and version_of(done.stdout):
        return done.stdout.strip().removeprefix("v")
    if parse.plugin_missing(done.stderr):
        raise EngineError(compose_missing())
    said = (done.stderr or done.stdout).strip().splitlines()
    got = said[0] if said else f"exit code {done.returncode}"
    step = "run `docker compose version` by hand; if the plugin is broken, install it anew"
    raise EngineError(Problem("Docker Compose", "it does not tell its version", got, step))


def _at_least(oldest: Version, name: str, text: str, otherwise: str = "") -> Version:
    version = version_of(text)
    if version is None or version < oldest:
        what = f"too old: {version_text(oldest)} or newer is needed"
        raise EngineError(Problem(name, what, text, _install(name, oldest) + otherwise))
    return version


def _install(name: str, oldest: Version) -> str:
    return f"install {name} {version_text(oldest)} or newer"
