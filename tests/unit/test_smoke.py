"""The trials of smoke-test over an endpoint in memory: what a good stack answers, and what each fault looks like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.support.http_double import Answers, Request, Response, response
from tests.support.paced_server import paced_server
from tests.support.plans import plan
from tests.unit.test_store_trials import Shell
from toolkit.clock import Deadline
from toolkit.engine.edge import EdgeAdmin
from toolkit.engine.edge_state import ServerState
from toolkit.engine.store_trials import StoreTrials
from toolkit.facts import TrialFact
from toolkit.planning import trials
from toolkit.planning.plan import Plan
from toolkit.probes.http import Endpoint
from toolkit.routines.smoke import Smoke
from toolkit.routines.smoke_api import ApiTrials
from toolkit.values import replace

UP = {"data": {"result": [{"metric": {"instance": "edge:8404"}, "value": [1, "1"]}]}}
SERVICES = ("edge", "response-cache", "llm-general", "llm-fast", "prometheus")


class Stack:
    """Answers as the edge does; `faults` are what goes wrong, by the name of what is asked."""

    def __init__(self, **faults: Any) -> None:
        self.faults = faults
        self.seen: set[bytes] = set()
        self.aside = ""
        self.down: tuple[str, ...] = ()

    def __call__(self, request: Request) -> Response:
        if "authorization" not in request.headers or "nobody" in request.headers["authorization"]:
            return self._fault("auth", _error(401))
        if request.path == "/v1/models":
            return self._fault("models", response(200, json={"data": [{"id": "general"}, {"id": "fast"}]}))
        return self._chat(json.loads(request.body), request.body)

    def _fault(self, name: str, good: Response) -> Response:
        found: Response = self.faults.get(name, good)
        return found

    def _chat(self, body: dict[str, Any], raw: bytes) -> Response:
        if body["model"] not in {"general", "fast"}:
            return _error(404)
        if len(raw) > 20_000:
            return self._fault("long", _error(400))
        if "tools" in body:
            return self._fault("tools", _error(400))
        return self._answer(body, raw)

    def _answer(self, body: dict[str, Any], raw: bytes) -> Response:
        hit = "HIT" if raw in self.seen and body.get("temperature") == 0 else "MISS"
        self.seen.add(raw)
        own = f"llm-{body['model']}"
        by = own if own != self.aside else ({"llm-general", "llm-fast"} - {own}).pop()
        text = '"yes"' if "response_format" in body else "ready"
        answer = {
            "model": body["model"],
            "choices": [{"message": {"content": self.faults.get("text", text)}}],
            "usage": {"completion_tokens": 2},
        }
        headers = {"X-Cache": self.faults.get("cache", hit), "X-Served-By": self.faults.get("by", by)}
        return response(200, json=answer, headers=headers)


def _error(status: int) -> Response:
    return response(status, json={"error": {"message": f"status {status}"}})


class Admin:
    """An edge that takes a server aside for as long as it is asked to."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.taken: list[str] = []

    def server_states(self, _: Deadline) -> tuple[ServerState, ...]:
        names = ("llm-general", "llm-fast")
        return tuple(ServerState(name, name, up=name not in self.stack.down, check="L7OK") for name in names)

    def aside(self, servers: list[str], meanwhile: Callable[[], TrialFact], _: Deadline) -> TrialFact:
        self.stack.aside = servers[0].partition("/")[0]
        self.taken.append(self.stack.aside)
        try:
            return meanwhile()
        finally:
            self.stack.aside = ""


@pytest.fixture(scope="module")
def streams() -> Any:
    with paced_server() as url:
        yield url


def tried(stack: Stack, streams: str, up: object = None) -> dict[str, TrialFact]:
    endpoint = Endpoint("http://127.0.0.1:1", "sk-own", Answers(stack))
    stranger = Endpoint("http://127.0.0.1:1", "sk-nobody", Answers(stack))
    keyless = Endpoint("http://127.0.0.1:1", "", Answers(stack))
    api = ApiTrials(streams, "sk-own", endpoint, keyless, stranger)
    edge = cast("EdgeAdmin", Admin(stack))
    smoke = Smoke(small(), api, edge, StoreTrials(Shell(), "p", str), lambda _: json.dumps(up or UP))
    return {f"{fact.subject}: {fact.name}": fact for fact in smoke.run(Deadline.after(10))}


def small() -> Plan:
    of = plan()
    return replace(of, services=tuple(s for s in of.services if s.name in SERVICES))


def refused(facts: dict[str, TrialFact]) -> dict[str, str]:
    return {name: fact.refusal for name, fact in facts.items() if fact.refusal}


def test_a_good_stack_passes_all(streams: str) -> None:
    facts = tried(Stack(), streams)
    assert refused(facts) == {}
    assert len(facts) == 18
    assert facts[f"fast: {trials.FALLBACK}"].answer == "by llm-general"
    assert facts[f"general: {trials.TOOLS}"].status == 400
    assert facts[f"prometheus: {trials.SCRAPED}"].answer == "1 targets"


@pytest.mark.parametrize(
    ("faults", "name", "refusal"),
    [
        ({"auth": response(200)}, f"edge: {trials.NO_KEY}", "status 200, not 401"),
        ({"auth": response(200)}, f"edge: {trials.WRONG_KEY}", "status 200, not 401"),
        (
            {"models": response(200, json={"data": [{"id": "general"}]})},
            f"edge: {trials.MODELS}",
            "not listed: fast",
        ),
        ({"long": response(500)}, f"edge: {trials.TOO_LONG}", "status 500, not 400"),
        ({"cache": "MISS"}, f"response-cache: {trials.CACHE_HIT}", "MISS, not HIT"),
        ({"cache": "BYPASS"}, f"response-cache: {trials.CACHE_MISS}", "BYPASS, not MISS"),
        ({"by": "llm-fast"}, f"general: {trials.CHAT}", "answered by the stand-in llm-fast"),
        ({"text": "maybe"}, f"general: {trials.SCHEMA}", "no JSON: 'maybe'"),
        ({"tools": _error(503)}, f"fast: {trials.TOOLS}", "status 503: status 503"),
    ],
)
def test_each_fault_is_told(streams: str, faults: dict[str, Any], name: str, refusal: str) -> None:
    assert refused(tried(Stack(**faults), streams))[name] == refusal


def test_a_stand_in_that_does_not_stand_in(streams: str) -> None:
    facts = tried(Stack(by="llm-general"), streams)
    told = refused(facts)[f"general: {trials.FALLBACK}"]
    assert told in {"answered by llm-general", "no time was left to ask"}
    assert f"fast: {trials.FALLBACK}" not in refused(facts)


def test_a_server_that_is_out_of_service_stays_so(streams: str) -> None:
    stack = Stack()
    stack.aside, stack.down = "llm-general", ("llm-general",)
    admin = Admin(stack)
    smoke = Smoke(small(), None, cast("EdgeAdmin", admin), StoreTrials(Shell(), "p", str), lambda _: "")
    endpoint = Endpoint("http://127.0.0.1:1", "sk-own", Answers(stack))
    api = ApiTrials(streams, "sk-own", endpoint, endpoint, endpoint)
    facts = replace(smoke, api=api).run(Deadline.after(10))
    assert admin.taken == ["llm-fast"]
    assert [f.answer for f in facts if (f.name, f.subject) == (trials.FALLBACK, "general")] == ["by llm-fast"]


def test_a_target_that_is_not_scraped(streams: str) -> None:
    up = {"data": {"result": [{"metric": {"instance": "llm-fast:8000"}, "value": [1, "0"]}]}}
    assert refused(tried(Stack(), streams, up)) == {
        f"prometheus: {trials.SCRAPED}": "not scraped: llm-fast:8000"
    }
