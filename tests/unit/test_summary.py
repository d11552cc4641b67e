"""What `up` says at its end, to people and to machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.cli.summary import up_json, up_text
from toolkit.planning.reconcile import Action
from toolkit.probes.http import Completion
from toolkit.routines.priming import Reached
from toolkit.routines.result import UpResult
from toolkit.routines.warm import Warmed
from toolkit.state.keys import Key

SERVICES = ("redis", "mariadb", "vector-db", "edge", "prometheus", "llm-general", "llm-fast")
NOTHING: dict[str, Any] = {
    "environment": "testing",
    "host": "",
    "project": "llm-testing",
    "services": SERVICES,
    "models": ("general", "fast"),
    "actions": (),
    "written": (),
    "reloaded": False,
    "states": dict.fromkeys(SERVICES, "healthy"),
    "completions": {},
    "new_keys": (),
    "phases_s": {"look": 0.01, "publish": 0.0},
    "pending_models": (),
    "endpoint": None,
}


def text(**found: Any) -> str:
    return up_text(UpResult(**{**NOTHING, **found}))


def key(name: str) -> Key:
    return Key(name, "0" * 64, Path(f"/srv/.toolkit/testing/keys/{name}.key"), None)


def test_an_up_that_found_everything_in_order_is_one_line() -> None:
    assert text() == "llm-testing: nothing to change; 7 of 7 services healthy, 0.0 s"


def test_the_whole_summary_of_a_first_up() -> None:
    actions = (
        Action("redis", "create", "it is not there"),
        Action("mariadb", "create", "it is not there"),
        Action("edge", "recreate", "its definition changed"),
    )

    said = text(
        actions=actions,
        reloaded=True,
        endpoint="http://127.0.0.1:8001",
        new_keys=(key("toolkit"), key("default")),
        completions={"general": Completion("I am\n  ready. " + "x" * 100, "general", "llm-general", 0.456)},
        phases_s={"look": 0.02, "images": 0.5, "wait": 21.25},
    )

    assert said.splitlines() == [
        "llm-testing: created redis, mariadb, recreated edge, edge reloaded; 7 of 7 services healthy, 21.8 s",
        "  endpoint      http://127.0.0.1:8001/v1   models: general, fast",
        "  API key       /srv/.toolkit/testing/keys/default.key",
        f"  general       'I am ready. {'x' * 60}'  (llm-general, 0.46 s)",
        "  time          images 0.5 s, wait 21.2 s",
    ]


@pytest.mark.parametrize(
    ("kind", "past"),
    [
        ("create", "created"),
        ("recreate", "recreated"),
        ("start", "started"),
        ("restart", "restarted"),
        ("remove", "removed"),
    ],
)
def test_each_kind_of_action_has_its_past(kind: Any, past: str) -> None:
    assert text(actions=(Action("redis", kind, ""),)).startswith(f"llm-testing: {past} redis; ")


def test_a_reload_alone_is_told() -> None:
    assert text(reloaded=True).startswith("llm-testing: edge reloaded; 7 of 7")


def test_models_that_still_load_are_named() -> None:
    said = text(
        states={"redis": "healthy", "llm-general": "starting"}, pending_models=("llm-general", "llm-fast")
    )
    assert "1 of 7 services healthy" in said
    assert "  still loading: llm-general, llm-fast (503 with Retry-After until each has answered)" in said


def test_the_result_for_machines_holds_no_key() -> None:
    found = UpResult(
        **{
            **NOTHING,
            "actions": (Action("redis", "create", "it is not there"),),
            "written": ("compose.yaml",),
            "new_keys": (key("default"),),
            "completions": {"fast": Completion("hi", "fast", "llm-fast", 0.12345)},
            "phases_s": {"look": 0.5, "wait": 1.25},
            "endpoint": "http://127.0.0.1:8001",
        }
    )

    assert json.loads(json.dumps(up_json(found))) == {
        "environment": "testing",
        "project": "llm-testing",
        "actions": [{"service": "redis", "kind": "create", "cause": "it is not there"}],
        "written": ["compose.yaml"],
        "edge_reloaded": False,
        "services": NOTHING["states"],
        "pending_models": [],
        "indexes": [],
        "endpoint": "http://127.0.0.1:8001",
        "completions": {"fast": {"text": "hi", "served_by": "llm-fast", "elapsed_s": 0.123}},
        "new_keys": {"default": "/srv/.toolkit/testing/keys/default.key"},
        "warm_up": {"models": [], "stores": [], "prompts": None, "in_background": False},
        "release": None,
        "restores": None,
        "outages_s": {},
        "phases_s": {"look": 0.5, "wait": 1.25},
        "elapsed_s": 1.75,
    }


def test_a_release_that_came_back_and_what_users_missed_are_told() -> None:
    back = {**NOTHING, "release": 4, "restores": 2, "outages_s": {"general": 12.34}}
    said = up_text(UpResult(**back)).splitlines()
    assert said[1:3] == [
        "  release       4: release 2 again; toolkit.yaml is as it was, correct it before the next `up`",
        "  general       had no server of its own for 12.3 s",
    ]


def test_what_goes_on_in_the_background_is_told_and_what_did_not_answer() -> None:
    said = text(
        pending_models=("llm-fast",),
        warming=True,
        warmed=(Warmed("llm-general", 1.5, (), "HTTP 500: no"), Warmed("llm-fast", 0.5, (), "")),
        stores=(Reached("redis", 0.1), Reached("mariadb", 0.2, "its tables cannot be read")),
    )
    assert said.splitlines()[1:] == [
        "  still loading: llm-fast (503 with Retry-After until each has answered)",
        "  warm-up       in the background, as soon as they have loaded: `toolkit status` tells",
        "  warm-up       llm-general: HTTP 500: no",
        "  warm-up       mariadb: its tables cannot be read",
    ]
