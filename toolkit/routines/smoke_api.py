"""The trials of the endpoint: each path that a user has, asked as a user asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from toolkit.facts import TrialFact
from toolkit.load.prompts import chat_bodies
from toolkit.load.streams import CHAT as CHAT_PATH
from toolkit.load.streams import Ask, Load, run_load
from toolkit.planning import trials
from toolkit.probes.http import SERVED_BY, Answer, NoAnswer
from toolkit.routines.trying import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.clock import Deadline
    from toolkit.planning.plan import ModelEndpoint
    from toolkit.probes.http import Endpoint

_TOKENS = 8
# A tool's arguments are an object. Of other forms one word is asked for, between whose quotes no model can lose itself
# in blanks: what is tried is the server, not the model's wit.
_WORD = {"type": "string", "enum": ["yes"]}
_SCHEMA = {
    "type": "object",
    "properties": {"ready": {"type": "string", "enum": ["yes"]}},
    "required": ["ready"],
    "additionalProperties": False,
}
_TOOL = {"type": "function", "function": {"name": "report", "description": "Report.", "parameters": _SCHEMA}}


@dataclass(frozen=True, slots=True)
class ApiTrials:
    """The endpoint with a key that it admits, without one, and with a wrong one; `url` and `key` for the load."""

    url: str
    key: str
    admitted: Endpoint
    keyless: Endpoint
    stranger: Endpoint
    trust: Path | None = None
    """The edge's certificate, None where it is asked in the clear."""

    def models(self, models: Sequence[ModelEndpoint]) -> Trial:
        """The list has every model that answers with text, and their adapters."""
        wanted = {name for model in models if not model.pooling for name in model.names}
        return Trial(trials.MODELS, "edge", partial(self._models, wanted))

    def of_model(self, model: ModelEndpoint) -> list[Trial]:
        """All that is tried of one model, in this order."""
        name = model.served_name
        if model.pooling:
            return [Trial(trials.EMBEDDING, name, partial(self._embedding, model))]
        schema = {"type": "json_schema", "json_schema": {"name": "report", "schema": _WORD}}
        tool = {"tools": [_TOOL], "tool_choice": {"type": "function", "function": {"name": "report"}}}
        return [
            Trial(trials.CHAT, name, partial(self._chat, model)),
            Trial(trials.STREAM, name, partial(self._stream, model)),
            Trial(
                trials.SCHEMA, name, partial(self._form, model, trials.SCHEMA, {"response_format": schema})
            ),
            Trial(trials.TOOLS, name, partial(self._form, model, trials.TOOLS, tool)),
        ]

    def cache(self, model: ModelEndpoint) -> list[Trial]:
        """A new question is none of the cache's, the same one again is."""
        body = _body(model.served_name, max_tokens=_TOKENS, temperature=0)
        return [
            Trial(
                trials.CACHE_MISS, "response-cache", partial(self._cached, body, "MISS", trials.CACHE_MISS)
            ),
            Trial(trials.CACHE_HIT, "response-cache", partial(self._cached, body, "HIT", trials.CACHE_HIT)),
        ]

    def refusals(self, model: ModelEndpoint, max_model_len: int | None) -> list[Trial]:
        """Who has no key, or asks what cannot be answered, is told so."""
        body = _body(model.served_name, max_tokens=_TOKENS)
        found = [
            _refusal(trials.NO_KEY, self.keyless, body, 401),
            _refusal(trials.WRONG_KEY, self.stranger, body, 401),
            _refusal(trials.UNKNOWN_MODEL, self.admitted, _body(f"no-{token_hex(4)}"), 404),
        ]
        if max_model_len is not None:
            # Every digit and every blank is at most two letters of a token, in any vocabulary.
            long = {**body, "messages": [{"role": "user", "content": "1 " * (2 * max_model_len)}]}
            found.append(_refusal(trials.TOO_LONG, self.admitted, long, 400))
        return found

    def _models(self, wanted: set[str], deadline: Deadline) -> tuple[TrialFact, ...]:
        answer = self.admitted.get("/v1/models", deadline)
        listed = {one.get("id") for one in _json(answer).get("data", [])}
        missing = ", ".join(sorted(wanted - listed))
        why = _unless_200(answer) or (f"not listed: {missing}" if missing else "")
        return (_fact(trials.MODELS, "edge", answer, f"{len(listed)} models", why),)

    def _chat(self, model: ModelEndpoint, deadline: Deadline) -> tuple[TrialFact, ...]:
        answer = self.admitted.post(CHAT_PATH, _body(model.served_name, max_tokens=_TOKENS), deadline)
        tokens = (_json(answer).get("usage") or {}).get("completion_tokens", 0)
        why = _unless_200(answer) or ("" if tokens else "an answer without a token") or _served(model, answer)
        return (_fact(trials.CHAT, model.served_name, answer, f"{tokens} tokens", why),)

    def _stream(self, model: ModelEndpoint, deadline: Deadline) -> tuple[TrialFact, ...]:
        bodies = chat_bodies(model.served_name, iter([_prompt()]), _TOKENS, ignore_eos=False)
        asks = (Ask(body=body) for body in bodies)
        one = Load(self.url, self.key, asks, requests=1, timeout_s=deadline.remaining_s(), trust=self.trust)
        (sample,) = run_load(one).samples
        why = sample.error or ("" if sample.first_token_s is not None else "a stream without a token")
        first_s = sample.first_token_s if sample.first_token_s is not None else sample.total_s
        answer = f"{sample.tokens} tokens in {sample.total_s:.2f} s"
        return (TrialFact(trials.STREAM, model.served_name, first_s, sample.status, answer, why),)

    def _form(
        self, model: ModelEndpoint, name: str, more: Mapping[str, object], deadline: Deadline
    ) -> tuple[TrialFact, ...]:
        body = _body(model.served_name, max_tokens=64, temperature=0.7, **more)
        answer = self.admitted.post(CHAT_PATH, body, deadline)
        if isinstance(answer, Answer) and answer.status == 400:
            # The server says that this model, or the way it was started, has no such thing.
            return (TrialFact(name, model.served_name, answer.elapsed_s, 400, _message(answer)),)
        text = _said(answer)
        why = _unless_200(answer) or _broken_form(text)
        return (_fact(name, model.served_name, answer, text[:60], why),)

    def _embedding(self, model: ModelEndpoint, deadline: Deadline) -> tuple[TrialFact, ...]:
        body = {"model": model.served_name, "input": _prompt()}
        answer = self.admitted.post("/v1/embeddings", body, deadline)
        data = _json(answer).get("data") or [{}]
        numbers = len(data[0].get("embedding") or ())
        why = _unless_200(answer) or ("" if numbers else "no vector")
        return (_fact(trials.EMBEDDING, model.served_name, answer, f"{numbers} numbers", why),)

    def _cached(
        self, body: Mapping[str, object], wanted: str, name: str, deadline: Deadline
    ) -> tuple[TrialFact, ...]:
        answer = self.admitted.post(CHAT_PATH, body, deadline)
        told = answer.headers.get("x-cache", "no word of the cache") if isinstance(answer, Answer) else ""
        # Asked again because it was slow, it is no longer new.
        right = told == wanted or (wanted, told) == ("MISS", "HIT")
        why = _unless_200(answer) or ("" if right else f"{told}, not {wanted}")
        return (_fact(name, "response-cache", answer, told, why),)


def _refusal(name: str, endpoint: Endpoint, body: Mapping[str, object], status: int) -> Trial:
    def act(deadline: Deadline) -> tuple[TrialFact, ...]:
        answer = endpoint.post(CHAT_PATH, body, deadline)
        if isinstance(answer, NoAnswer):
            return (_fact(name, "edge", answer, "", answer.reason),)
        why = "" if answer.status == status else f"status {answer.status}, not {status}"
        return (_fact(name, "edge", answer, _message(answer)[:80], why),)

    return Trial(name, "edge", act)


def _prompt() -> str:
    return f"Say that you are ready. {token_hex(8)}"


def _body(model: str, **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": _prompt()}], **more}


def _fact(name: str, subject: str, answer: Answer | NoAnswer, seen: str, why: str) -> TrialFact:
    return TrialFact(name, subject, answer.elapsed_s, answer.status or 0, "" if why else seen, why)


def _unless_200(answer: Answer | NoAnswer) -> str:
    if isinstance(answer, NoAnswer):
        return answer.reason
    return "" if answer.status == 200 else f"status {answer.status}: {_message(answer)}"


def _served(model: ModelEndpoint, answer: Answer | NoAnswer) -> str:
    by = answer.headers.get(SERVED_BY, "") if isinstance(answer, Answer) else ""
    return "" if by in model.services else f"answered by the stand-in {by or '(nobody says who)'}"


def _said(answer: Answer | NoAnswer) -> str:
    """Return the text of a chat, or the arguments of the tool that it calls."""
    try:
        message = _json(answer)["choices"][0]["message"]
        calls = message.get("tool_calls") or []
        return str(calls[0]["function"]["arguments"] if calls else message.get("content") or "")
    except (KeyError, IndexError, TypeError):
        return ""


def _broken_form(text: str) -> str:
    try:
        return (
            "" if json.loads(text) in ({"ready": "yes"}, "yes") else f"not of the form asked for: {text[:60]}"
        )
    except ValueError:
        return f"no JSON: {text[:60]!r}"


def _message(answer: Answer) -> str:
    error = _json(answer).get("error")
    return str(error.get("message", "") if isinstance(error, dict) else error or answer.text[:120]).strip()


def _json(answer: Answer | NoAnswer) -> dict[str, Any]:
    try:
        found = json.loads(answer.text) if isinstance(answer, Answer) else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
