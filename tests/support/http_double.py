"""The door to HTTP in tests: a function answers in the place of the network."""

from __future__ import annotations

import json as to_json
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter

if TYPE_CHECKING:
    from collections.abc import Callable


class Answers(BaseAdapter):
    """Hands each prepared request to `answer`, and its return value or exception back."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        response = self._answer(request)
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """Nothing is open."""


def response(
    status: int, *, text: str = "", json: object = None, headers: dict[str, str] | None = None
) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = (text if json is None else to_json.dumps(json)).encode()
    made.headers.update(headers or {})
    return made
