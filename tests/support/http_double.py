"""The door to HTTP in tests: a function answers in the place of the network."""

from __future__ import annotations

import json as to_json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Request:
    """One request as it would have been sent; `path` has its query."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Response:
    """What is answered, in as much as is read of it."""

    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def read(self) -> bytes:
        return self.content

    def getheaders(self) -> list[tuple[str, str]]:
        return list(self.headers.items())


class Answers:
    """Opens connections that hand each request to `answer`, and its return value or exception back."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self._asked: Request | None = None

    def __call__(self, timeout_s: float) -> HTTPConnection:
        assert timeout_s > 0
        return cast("HTTPConnection", self)

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        self._asked = Request(method, path, body or b"", headers)

    def getresponse(self) -> Response:
        assert self._asked is not None
        return self._answer(self._asked)

    def close(self) -> None:
        """Nothing is open."""


def response(
    status: int, *, text: str = "", json: Any = None, headers: dict[str, str] | None = None
) -> Response:
    return Response(status, (text if json is None else to_json.dumps(json)).encode(), headers or {})
