"""Reads what docker and docker compose say of themselves: versions, and an engine that is out of reach."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.unreachable import DEFAULT_HOST, no_permission, not_running

if TYPE_CHECKING:
    from toolkit.errors import Problem

_HOST = re.compile(r"\b((?:unix|tcp|ssh|fd|npipe)://[^\s;,\"']+?)[.:]?(?=[\s;,\"']|$)")
_NO_PERMISSION = re.compile(r"permission denied while trying to connect", re.IGNORECASE)
_NOT_RUNNING = re.compile(
    r"cannot connect to the docker daemon|failed to connect to the docker api|error during connect"
    r"|is the docker daemon running",
    re.IGNORECASE,
)
_NO_PLUGIN = re.compile(
    r"'compose' is not a docker command|unknown command: docker compose|unknown flag: --(ansi|short)\b"
)


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """What `docker version` says of the engine; `api` is the newest API that it speaks, e.g. 1.41."""

    text: str
    api: str
    architecture: str


def engine_version(stdout: str) -> EngineVersion | None:
    """Return the engine's part of `docker version --format '{{json .}}'`; None where no engine answered."""
    try:
        server: Any = json.loads(stdout)["Server"]
        return EngineVersion(server["Version"], server["ApiVersion"], server["Arch"])
    except (ValueError, KeyError, TypeError):
        return None


def unreachable(stderr: str) -> Problem | None:
    """Return the problem when docker says that it cannot talk to the engine, else None."""
    for line in stderr.splitlines():
        found = _HOST.search(line)
        host = found[1] if found else DEFAULT_HOST
        if _NO_PERMISSION.search(line):
            return no_permission(host, line.strip())
        if _NOT_RUNNING.search(line):
            return not_running(host, line.strip())
    return None


def plugin_missing(stderr: str) -> bool:
    """Return whether docker does not know the command `compose`."""
    return _NO_PLUGIN.search(stderr) is not None
