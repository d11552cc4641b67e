"""The wording of an engine that cannot be reached: the same from whichever side it shows."""

from __future__ import annotations

from toolkit.errors import Problem

DEFAULT_HOST = "unix:///var/run/docker.sock"


def not_running(host: str, got: str) -> Problem:
    """Return the problem of an engine that does not answer at `host`."""
    step = (
        "start it: `systemctl start docker`, or `make up`, which also starts it where there is no init system"
    )
    if host != DEFAULT_HOST:
        step += "\nor unset DOCKER_HOST (or the docker context) if this engine is not meant"
    return Problem(f"Docker Engine at {host}", "the engine is not running", got, step)


def no_permission(host: str, got: str) -> Problem:
    """Return the problem of a socket that this user may not open."""
    step = "join the group docker (`sudo usermod -aG docker $USER`, then log in again), or use sudo"
    return Problem(f"Docker Engine at {host}", "this user may not talk to the engine", got, step)
