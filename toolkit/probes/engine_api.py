"""The engine's HTTP API on its local socket: plain calls and streams, each of which ends in time."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing, contextmanager
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from toolkit.errors import EngineError, Problem
from toolkit.unreachable import no_permission, not_local, not_running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from toolkit.clock import Deadline

CALL_TIMEOUT_S = 20.0
_NEWEST_API = (1, 51)


def _left(deadline: Deadline) -> float:
    """Return a time-out for a socket, which takes 0 for something else."""
    return max(0.001, deadline.remaining_s())


class NotFoundError(EngineError):
    """The engine knows no such object."""


class EngineApi(Protocol):
    """The door to the engine for those who look."""

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """Return the decoded JSON. Raises EngineError, of it NotFoundError where the object is not there."""
        ...

    def get_bytes(self, path: str, query: Mapping[str, object] | None = None) -> bytes:
        """Return the answer as it came. Raises as `get` does."""
        ...

    def stream(
        self, path: str, query: Mapping[str, object], deadline: Deadline
    ) -> AbstractContextManager[Iterator[Any]]:
        """Connect, and give an iterator of the decoded lines that ends at `deadline`.

        Raises EngineError as `get` does, and when the engine ends the stream before the deadline.
        """
        ...


class SocketApi:
    """The API of an engine at `host`: `unix:///path`, or `tcp://host:port` without TLS.

    One connection for each call: that costs 0.1 ms on a local socket, and nothing is shared or kept open.
    """

    def __init__(self, host: str, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._host = host
        self._timeout_s = timeout_s

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """Return the decoded JSON, as `EngineApi.get` says."""
        return json.loads(self.get_bytes(path, query))

    def get_bytes(self, path: str, query: Mapping[str, object] | None = None) -> bytes:
        """Return the answer as it came, as `EngineApi.get_bytes` says."""
        wire, answer = self._ask(self._version + path, query or {}, self._timeout_s)
        with closing(wire), self._border(self._timeout_s):
            return answer.read()

    @contextmanager
    def stream(self, path: str, query: Mapping[str, object], deadline: Deadline) -> Iterator[Iterator[Any]]:
        """Connect and give the lines, as `EngineApi.stream` says."""
        wire, answer = self._ask(self._version + path, query, min(_left(deadline), self._timeout_s))
        with closing(wire):
            yield self._lines(wire, answer, deadline)

    def _lines(self, wire: _Wire, answer: http.client.HTTPResponse, deadline: Deadline) -> Iterator[Any]:
        while not deadline.passed:
            wire.sock.settimeout(_left(deadline))
            try:
                with self._border(None):
                    line = answer.readline()
            except TimeoutError:
                return
            if not line:
                raise EngineError(not_running(self._host, "it ended the stream of its events"))
            yield json.loads(line)

    @cached_property
    def _version(self) -> str:
        wire, answer = self._ask("/_ping", {}, self._timeout_s)
        wire.close()
        major, minor = answer.getheader("Api-Version", "1.41").split(".")
        spoken = min((int(major), int(minor)), _NEWEST_API)
        return f"/v{spoken[0]}.{spoken[1]}"

    def _ask(
        self, path: str, query: Mapping[str, object], timeout_s: float
    ) -> tuple[_Wire, http.client.HTTPResponse]:
        wire = _Wire(self._host, timeout_s)
        try:
            with self._border(timeout_s):
                wire.request("GET", quote(path, safe="/:@") + ("?" + urlencode(query) if query else ""))
                answer = wire.getresponse()
                _refuse(answer)
        except BaseException:
            wire.close()
            raise
        return wire, answer

    @contextmanager
    def _border(self, timeout_s: float | None) -> Iterator[None]:
        """Translate what the network says; without `timeout_s` the end of time is the caller's to judge."""
        try:
            yield
        except PermissionError as error:
            raise EngineError(no_permission(self._host, str(error))) from error
        except TimeoutError as error:
            if timeout_s is None:
                raise
            raise EngineError(not_running(self._host, f"no answer within {timeout_s:.0f} s")) from error
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(not_running(self._host, str(error) or type(error).__name__)) from error


class _Wire(http.client.HTTPConnection):
    """An HTTP connection that may also run over a unix socket."""

    def __init__(self, host: str, timeout_s: float) -> None:
        self._parts = urlsplit(host)
        if self._parts.scheme not in {"unix", "tcp"}:
            raise EngineError(not_local(host))
        self.sock: socket.socket
        super().__init__(self._parts.hostname or "localhost", self._parts.port or 2375, timeout=timeout_s)

    def connect(self) -> None:
        if self._parts.scheme == "tcp":
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._parts.path)


def _refuse(answer: http.client.HTTPResponse) -> None:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return
    text = answer.read().decode("utf-8", "replace").strip()
    try:
        text = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        text = text[:300]
    kind = NotFoundError if answer.status == HTTPStatus.NOT_FOUND else EngineError
    raise kind(Problem("Docker Engine", f"the engine refused with status {answer.status}", text))
