"""A patch is laid over a service, and texts of the user stand in the place of shipped ones."""

from __future__ import annotations

from typing import Any

import pytest

from toolkit.render.additions import patched

BODY = {"image": "a", "environment": {"A": "1", "B": "2"}, "networks": ["data"], "cpus": 1.0}


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({}, {}),
        ({"image": "b"}, {"image": "b"}),
        ({"environment": {"B": "3", "C": "4"}}, {"environment": {"A": "1", "B": "3", "C": "4"}}),
        ({"environment": {"A": None}}, {"environment": {"B": "2"}}),
        ({"networks": ["other"]}, {"networks": ["other"]}),
        ({"labels": {"team": "red", "none": None}}, {"labels": {"team": "red"}}),
        ({"cpus": {"count": 2}}, {"cpus": {"count": 2}}),
    ],
)
def test_mappings_merge_everything_else_replaces(patch: dict[str, Any], changed: dict[str, Any]) -> None:
    assert patched(BODY, patch) == {**BODY, **changed}


def test_null_takes_a_key_out() -> None:
    assert patched(BODY, {"cpus": None, "no_such": None}) == {
        key: value for key, value in BODY.items() if key != "cpus"
    }


def test_neither_is_changed_by_it() -> None:
    before = {**BODY, "environment": dict(BODY["environment"])}  # type: ignore[call-overload]
    patched(BODY, {"environment": {"A": "9"}})
    assert before == BODY
