"""Asks an OpenAI-compatible endpoint, and says in plain words why it did not answer."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from toolkit.clock import Deadline

SERVED_BY = "x-served-by"
_NOBODY = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})

Connect = Callable[[float], HTTPConnection]
"""Returns a connection, not yet opened, whose every step may take that many seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came; `headers` have lower-case names."""

    status: int
    text: str
    headers: Mapping[str, str]
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer of a model: the text, the model as the server names it, and which server answered."""

    text: str
    model: str
    served_by: str
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why there is none; `status` is None when no HTTP answer came at all."""

    reason: str
    status: int | None = None
    elapsed_s: float = 0.0


class Endpoint:
    """One base URL, with its key; `connect` is the door that tests replace, and the way to a unix socket."""

    def __init__(
        self, base_url: str, key: str = "", connect: Connect | None = None, *, trust: Path | None = None
    ) -> None:
        """Ask at `base_url`; over https only a server with the certificate `trust` is asked."""
        self._base_url = base_url.rstrip("/")
        self._trust = trust
        self._key = key
        self._connect = connect or self._to_host

    def get(self, path: str, deadline: Deadline) -> Answer | NoAnswer:
        """Return the answer to GET `path`, whatever its status."""
        return self._ask("GET", path, None, deadline)

    def post(self, path: str, body: Mapping[str, object] | bytes, deadline: Deadline) -> Answer | NoAnswer:
        """Return the answer to POST `path` with `body` as JSON, bytes as they stand, whatever its status."""
        return self._ask("POST", path, body, deadline)

    def chat_completion(
        self, model: str, prompt: str, max_tokens: int, deadline: Deadline
    ) -> Completion | NoAnswer:
        """Return the answer to one user message, not streamed."""
        messages = [{"role": "user", "content": prompt}]
        body = {"model": model, "messages": messages, "max_tokens": max_tokens}
        answer = self._ask("POST", "/v1/chat/completions", body, deadline)
        return answer if isinstance(answer, NoAnswer) else _completion(answer)

    def embedding(self, model: str, text: str, deadline: Deadline) -> Completion | NoAnswer:
        """Return the vector of `text`, told by its length: `1024 numbers`."""
        answer = self._ask("POST", "/v1/embeddings", {"model": model, "input": text}, deadline)
        return answer if isinstance(answer, NoAnswer) else _embedding(answer)

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | bytes | None, deadline: Deadline
    ) -> Answer | NoAnswer:
        began = deadline.remaining_s()
        if deadline.passed:
            return NoAnswer("no time was left to ask")
        try:
            with closing(self._connect(began)) as connection:
                connection.request(method, path, _text(body), self._headers(body))
                found = connection.getresponse()
                text = found.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            elapsed_s = began - deadline.remaining_s()
            return NoAnswer(self._reason(error, elapsed_s), None, elapsed_s)
        except ValueError:
            # Its own words would quote the key.
            return NoAnswer(f"the key for {self._base_url} has a character that no HTTP header may hold")
        headers = {name.lower(): value for name, value in found.getheaders()}
        return Answer(found.status, text, headers, began - deadline.remaining_s())

    def _to_host(self, timeout_s: float) -> HTTPConnection:
        # No environment: its proxy would be asked for 127.0.0.1 too.
        at = urlsplit(self._base_url)
        if at.scheme == "https":
            from toolkit.trust import connection_to  # noqa: PLC0415 - 20 ms that only those pay who have TLS

            return connection_to(at.hostname or "", at.port, timeout_s, self._trust)
        return HTTPConnection(at.hostname or "", at.port, timeout=timeout_s)

    def _headers(self, body: Mapping[str, object] | bytes | None) -> dict[str, str]:
        key = {"authorization": f"Bearer {self._key}"} if self._key else {}
        return key if body is None else {**key, "content-type": "application/json"}

    def _reason(self, error: OSError | HTTPException, elapsed_s: float) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer from {self._base_url} within {elapsed_s:.1f} s"
        if isinstance(error, OSError) and error.errno in _NOBODY:
            return f"nothing accepts connections at {self._base_url}"
        text = f"{type(error).__name__} from {self._base_url}: {error}"
        return text.replace(self._key, "(key)") if self._key else text


def _text(body: Mapping[str, object] | bytes | None) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()


def _completion(answer: Answer) -> Completion | NoAnswer:
    def text(found: Any) -> str:
        return found["choices"][0]["message"]["content"] or ""

    return _read(answer, text, "a chat completion")


def _embedding(answer: Answer) -> Completion | NoAnswer:
    def text(found: Any) -> str:
        return f"{len(found['data'][0]['embedding'])} numbers"

    return _read(answer, text, "an embedding")


def _read(answer: Answer, text: Callable[[Any], str], what: str) -> Completion | NoAnswer:
    """Return what `text` finds in the body; `what` it was to be is told where it is not."""
    if answer.status != 200:
        return NoAnswer(_message(answer.text), answer.status, answer.elapsed_s)
    try:
        found = json.loads(answer.text)
        served_by = answer.headers.get(SERVED_BY, "")
        return Completion(text(found), found["model"], served_by, answer.elapsed_s)
    except (ValueError, KeyError, IndexError, TypeError):
        reason = f"status 200, but not {what}: {answer.text[:200]!r}"
        return NoAnswer(reason, answer.status, answer.elapsed_s)


def _message(text: str) -> str:
    """Return the message of an OpenAI-style error, else the beginning of what came."""
    try:
        found: Any = json.loads(text)["error"]
        return str(found["message"] if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError):
        return text.strip()[:300] or "an empty answer"
