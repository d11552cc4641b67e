"""Reads a streamed answer as it comes: when each token arrived, and what the server counted."""

from __future__ import annotations

import json
from typing import Any

_DONE = b"[DONE]"
_DATA = b"data:"
_NO_TOKEN = frozenset({"index", "finish_reason", "logprobs", "stop_reason", "token_ids", "prompt_token_ids"})


class Reader:
    """Cuts what arrives into server-sent events; of an answer in one piece only its `usage` is read."""

    def __init__(self, *, streamed: bool) -> None:
        """Expect a stream, whose end is said, or an answer in one piece."""
        self._streamed = streamed
        self._rest = b""
        self._done = False
        self._counted = 0
        self.arrivals_s: list[float] = []

    def feed(self, piece: bytes, at_s: float) -> None:
        """Take what has come at `at_s`."""
        self._rest += piece
        if self._streamed:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                if line.startswith(_DATA):
                    self._event(line[len(_DATA) :].strip(), at_s)

    @property
    def whole(self) -> bool:
        """Whether the answer came to its end, as far as it tells."""
        return self._done or not self._streamed

    @property
    def tokens(self) -> int:
        """The server's count where it told one, else the events with a token in them."""
        if self._counted or self._streamed:
            return self._counted or len(self.arrivals_s)
        return _completion_tokens(_parsed(self._rest))

    def _event(self, text: bytes, at_s: float) -> None:
        if text == _DONE:
            self._done = True
            return
        found = _parsed(text)
        self._counted = _completion_tokens(found) or self._counted
        if _has_token(found):
            self.arrivals_s.append(at_s)


def _has_token(event: Any) -> bool:
    """Return whether the event brings a token: the one with the role alone and an empty last one do not.

    Half a character is a token whose text is still empty.
    """
    choices = event.get("choices") if isinstance(event, dict) else None
    if not choices:
        return False
    delta = choices[0].get("delta", choices[0])
    said = {name for name, value in delta.items() if value not in (None, "")}
    if "role" in said:
        # Sent as soon as the request is taken up, long before its first token is there.
        return bool(said & {"content", "tool_calls", "reasoning_content"})
    return bool(said - _NO_TOKEN) or ("finish_reason" not in said and bool({"content", "text"} & set(delta)))


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _completion_tokens(found: Any) -> int:
    usage = found.get("usage") if isinstance(found, dict) else None
    return int((usage or {}).get("completion_tokens") or 0)
