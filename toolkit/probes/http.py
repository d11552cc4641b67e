"""Asks an OpenAI-compatible endpoint, and says in plain words why it did not answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests.adapters import BaseAdapter

    from toolkit.clock import Deadline

SERVED_BY = "x-served-by"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came; `headers` have lower-case names."""

    status: int
    text: str
    headers: Mapping[str, str]
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Completion:
    """A chat completion: the text, the model as the server names it, and which server answered."""

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
    """One base URL, with its key; `adapter` is the door that tests replace."""

    def __init__(self, base_url: str, key: str = "", adapter: BaseAdapter | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._adapter = adapter

    def get(self, path: str, deadline: Deadline) -> Answer | NoAnswer:
        """Return the answer to GET `path`, whatever its status."""
        return self._ask("GET", path, None, deadline)

    def chat_completion(
        self, model: str, prompt: str, max_tokens: int, deadline: Deadline
    ) -> Completion | NoAnswer:
        """Return the answer to one user message, not streamed."""
        messages = [{"role": "user", "content": prompt}]
        body = {"model": model, "messages": messages, "max_tokens": max_tokens}
        answer = self._ask("POST", "/v1/chat/completions", body, deadline)
        return answer if isinstance(answer, NoAnswer) else _completion(answer)

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None, deadline: Deadline
    ) -> Answer | NoAnswer:
        began = deadline.remaining_s()
        if deadline.passed:
            return NoAnswer("no time was left to ask")
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            with self._session() as session:
                found = session.request(
                    method,
                    self._base_url + path,
                    json=body,
                    headers=headers,
                    timeout=began,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            elapsed_s = began - deadline.remaining_s()
            return NoAnswer(self._reason(error, elapsed_s), None, elapsed_s)
        headers = {name.lower(): value for name, value in found.headers.items()}
        return Answer(
            found.status_code,
            found.content.decode("utf-8", "replace"),
            headers,
            began - deadline.remaining_s(),
        )

    def _session(self) -> requests.Session:
        session = requests.Session()
        # No environment: its proxy would be asked for 127.0.0.1 too.
        session.trust_env = False
        if self._adapter is not None:
            session.mount("http://", self._adapter)
        return session

    def _reason(self, error: requests.RequestException, elapsed_s: float) -> str:
        if isinstance(error, requests.Timeout):
            return f"no answer from {self._base_url} within {elapsed_s:.1f} s"
        if isinstance(error, requests.ConnectionError) and "Failed to establish" in str(error):
            return f"nothing accepts connections at {self._base_url}"
        text = f"{type(error).__name__} from {self._base_url}: {error}"
        return text.replace(self._key, "(key)") if self._key else text


def _completion(answer: Answer) -> Completion | NoAnswer:
    if answer.status != 200:
        return NoAnswer(_message(answer.text), answer.status, answer.elapsed_s)
    try:
        found = json.loads(answer.text)
        text = found["choices"][0]["message"]["content"]
        served_by = answer.headers.get(SERVED_BY, "")
        return Completion(text or "", found["model"], served_by, answer.elapsed_s)
    except (ValueError, KeyError, IndexError, TypeError):
        reason = f"status 200, but not a chat completion: {answer.text[:200]!r}"
        return NoAnswer(reason, answer.status, answer.elapsed_s)


def _message(text: str) -> str:
    """Return the message of an OpenAI-style error, else the beginning of what came."""
    try:
        found: Any = json.loads(text)["error"]
        return str(found["message"] if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError):
        return text.strip()[:300] or "an empty answer"
