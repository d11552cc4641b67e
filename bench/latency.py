"""What the edge adds to a request: the same bytes to the model server and through the edge, from one place.

The client is a container in the network that edge and model servers share, so both ways begin with the same
single hop over the same bridge; the second goes one hop further, which is what is measured.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.comparison import Comparison, Series
from bench.timing import run

if TYPE_CHECKING:
    from bench.project import Project

_SERVER = "llm-general"
_MODEL = "general"
_GOAL_S = 0.001
_ROUNDS = 10
_TIMEOUT_S = 300.0
_CLIENT = Path(__file__).with_name("client.py")
# Clients, requests of each in one round, seconds between two of one client. Without a pause 16 clients fill two
# cores: then a time is the length of the queue, and everything that works beside the server makes it longer.
_CACHED_ROUNDS = 5
_CACHED_LOADS = {"16-token answer, 1 client": (1, 60), "16-token answer, 16 clients": (16, 20)}
_LOADS = {
    "1 client": (1, 80, 0.0),
    "16 clients, 100/s": (16, 10, 0.16),
    "16 clients, no pause": (16, 20, 0.0),
}


def added_by_edge(project: Project) -> list[Comparison]:
    """Compare both ways for the list of models and a completion of one token, by one client and by many."""
    requests = {
        "GET /v1/models": _request("GET", "/v1/models", project.key(), None),
        "1-token completion": _request(
            "POST", "/v1/completions", project.key(), {"model": _MODEL, "prompt": "1", "max_tokens": 1}
        ),
    }
    cases = [
        {
            "name": f"{name}, {load}",
            "request": request,
            "clients": clients,
            "requests": count,
            "every_s": every_s,
        }
        for name, request in requests.items()
        for load, (clients, count, every_s) in _LOADS.items()
    ]
    blocks = _measure(project, {"targets": _targets(), "rounds": _ROUNDS, "cases": cases})
    return [_comparison(str(case["name"]), blocks) for case in cases]


def cached_answers(project: Project) -> list[Comparison]:
    """Compare an answer that the cache has with the same one from the model, by one client and by sixteen.

    The name of the cached side tells how many such answers were given in a second.
    """
    body = {"model": _MODEL, "prompt": "a prompt that is asked again", "max_tokens": 16, "temperature": 0}
    request = _request("POST", "/v1/completions", project.key(), body)
    cases = [
        {"name": name, "request": request, "clients": clients, "requests": count, "every_s": 0.0}
        for name, (clients, count) in _CACHED_LOADS.items()
    ]
    targets = [
        {"name": "direct", "host": _SERVER, "port": 8000, "marks": []},
        {"name": "edge", "host": "edge", "port": 8080, "marks": [], "late_marks": ["x-cache: HIT"]},
    ]
    blocks = _measure(project, {"targets": targets, "rounds": _CACHED_ROUNDS, "cases": cases})
    return [_cached(name, clients, blocks) for name, (clients, _) in _CACHED_LOADS.items()]


def _cached(case: str, clients: int, blocks: list[dict[str, Any]]) -> Comparison:
    by_round = {(b["target"], b["round"]): b["seconds"] for b in blocks if b["case"] == case}
    rounds = range(_CACHED_ROUNDS)
    hits, asked = ([s for n in rounds for s in by_round[target, n]] for target in ("edge", "direct"))
    ours = Series(f"{case}: cached, {clients * len(hits) / sum(hits):.0f}/s", tuple(hits))
    ratios = tuple(median(by_round["edge", n]) / median(by_round["direct", n]) for n in rounds)
    return Comparison(ours, Series(f"{case}: from the model", tuple(asked)), "ratio", ratios, None)


def _targets() -> list[dict[str, Any]]:
    """Each with what its answers have to carry, so that both are known to come from the same server."""
    return [
        {"name": "direct", "host": _SERVER, "port": 8000, "marks": []},
        {"name": "edge", "host": "edge", "port": 8080, "marks": [f"x-served-by: {_SERVER}"]},
    ]


def _request(method: str, path: str, key: str, body: dict[str, object] | None) -> str:
    text = "" if body is None else json.dumps(body)
    length = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n" if text else ""
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n{length}\r\n{text}"


def _measure(project: Project, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the client; the key goes by standard input, since arguments can be read by every user."""
    container = (
        *("docker", "run", "--rm", "--interactive", "--network", f"{project.name}_inference"),
        *("--mount", f"type=bind,source={_CLIENT},target=/client.py,readonly"),
        *("--entrypoint", "python3", project.service(_SERVER)["image"], "/client.py"),
    )
    found: list[dict[str, Any]] = json.loads(run(container, json.dumps(order), _TIMEOUT_S))
    return found


def _comparison(case: str, blocks: list[dict[str, Any]]) -> Comparison:
    by_round = {(b["target"], b["round"]): b["seconds"] for b in blocks if b["case"] == case}
    edge, direct = (
        Series(f"{case}: {words}", tuple(s for n in range(_ROUNDS) for s in by_round[target, n]))
        for target, words in (("edge", "through the edge"), ("direct", "direct"))
    )
    rounds = tuple(median(by_round["edge", n]) - median(by_round["direct", n]) for n in range(_ROUNDS))
    return Comparison(edge, direct, "added", rounds, _GOAL_S)
