"""The engine's HTTP API over its local socket: plain calls and the event stream, each with its deadline.

The standard library does it in 30 ms with everything loaded; the docker SDK needs 120 ms for its import alone,
and its event stream cannot be left at a deadline without a second thread.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from toolkit.clock import Deadline
from toolkit.errors import EngineError, Problem
from toolkit.unreachable import DEFAULT_HOST, no_permission, not_running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CALL_TIMEOUT_S = 20.0
_OLDEST_API = "1.41"
_NEWEST_API = "1.51"


class NotFoundError(EngineError):
    """The engine knows no such object."""


class EngineApi(Protocol):
    """The door to the engine: looks only."""

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """Return the decoded answer. Raises EngineError, NotFoundError where the object is not there."""
        ...

    def get_bytes(self, path: str, query: Mapping[str, object] | None = None) -> bytes:
        """Return the answer as it came. Raises like `get`."""
        ...

    def stream(self, path: str, query: Mapping[str, object], deadline: Deadline) -> Iterator[Any]:
        """Yield one decoded object for each line, until `deadline`; the first yield, None, says: connected.

        Raises EngineError when the engine closes the stream before the deadline.
        """
        ...


def engine_host(environ: Mapping[str, str] = os.environ) -> str:
    """Return where the engine listens, as the docker command finds it: DOCKER_HOST, the context, the default."""
    if environ.get("DOCKER_HOST"):
        return environ["DOCKER_HOST"]
    config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/root")) / ".docker")
    context = environ.get("DOCKER_CONTEXT") or _json_of(config / "config.json").get("currentContext", "default")
    if context == "default":
        return DEFAULT_HOST
    meta = config / "contexts" / "meta" / sha256(context.encode()).hexdigest() / "meta.json"
    host = _json_of(meta).get("Endpoints", {}).get("docker", {}).get("Host")
    return str(host or DEFAULT_HOST)


def _json_of(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return {}
