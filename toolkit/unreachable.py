"""The wording of an engine that cannot be reached, the same from whichever side it is noticed."""

from __future__ import annotations

from toolkit.errors import Problem

DEFAULT_HOST = "unix:///var/run/docker.sock"


def not_running(host: str, got: str) -> Problem:
    """Return the problem of an engine that does not answer at `host`."""
    step = (
        "start it with `make up` (it starts dockerd itself where there is no init system)\n"
        "or `systemctl start docker`"
    )
    if host != DEFAULT_HOST:
        step += f", or unset DOCKER_HOST and the docker context if {host} is not meant"
    return Problem(f"Docker Engine at {host}", "the engine is not running", got, step)


def no_permission(host: str, got: str) -> Problem:
    """Return the problem of a socket that this user may not open."""
    step = "join the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use sudo"
    return Problem(f"Docker Engine at {host}", "this user may not talk to the engine", got, step)
