"""A patch is laid over a service, and texts of the user stand in the place of shipped ones."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.plans import bundle, plan
from toolkit.errors import UsageError
from toolkit.render.additions import Additions, Replaced, patched
from toolkit.render.bundle import HASH_LABEL, Bundle
from toolkit.render.render import render
from toolkit.resources import resource_dir

BODY: dict[str, Any] = {
    "image": "a",
    "environment": {"A": "1", "B": "2"},
    "networks": ["data"],
    "cpus": 1.0,
    "command": ["serve", "--port", "1"],
    "healthcheck": {"test": ["CMD", "old"], "retries": 3},
}
WHERE = "compose/redis.patch.yaml"


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({}, {}),
        ({"image": "b"}, {"image": "b"}),
        ({"environment": {"B": "3", "C": "4"}}, {"environment": {"A": "1", "B": "3", "C": "4"}}),
        ({"environment": {"A": None}}, {"environment": {"B": "2"}}),
        ({"networks": ["other", "data"]}, {"networks": ["data", "other"]}),
        ({"extra_hosts": ["a:10.0.0.1"]}, {"extra_hosts": ["a:10.0.0.1"]}),
        ({"labels": {"team": "red", "none": None}}, {"labels": {"team": "red"}}),
        ({"command": ["other"]}, {"command": ["other"]}),
        ({"command": "other"}, {"command": "other"}),
        ({"healthcheck": {"test": ["CMD", "new"]}}, {"healthcheck": {"test": ["CMD", "new"], "retries": 3}}),
    ],
)
def test_mappings_merge_lists_grow_everything_else_replaces(
    patch: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert patched(BODY, patch, WHERE) == {**BODY, **changed}


def test_null_takes_a_key_out() -> None:
    assert patched(BODY, {"cpus": None, "no_such": None}, WHERE) == {
        key: value for key, value in BODY.items() if key != "cpus"
    }


def test_the_service_and_the_patch_stay_as_they_are() -> None:
    before, patch = deepcopy(BODY), {"environment": {"A": "9"}, "networks": ["other"]}
    patched(BODY, patch, WHERE)
    assert (before, patch) == (BODY, {"environment": {"A": "9"}, "networks": ["other"]})


@pytest.mark.parametrize(
    ("patch", "what", "got", "step"),
    [
        (
            {"environment": ["A=1"]},
            "`environment` is a list here, but a mapping",
            "['A=1']",
            "`NAME: value`",
        ),
        ({"networks": {"data": {}}}, "`networks` is a mapping here, but a list", "{'data': {}}", "`- value`"),
        ({"labels": ["a=b"]}, "`labels` is a list here, but a mapping", "['a=b']", "`NAME: value`"),
        (
            {"healthcheck": {"test": {"a": "b"}}},
            "`healthcheck.test` is a mapping here, but a list",
            "{'a': 'b'}",
            "`- value`",
        ),
    ],
)
def test_a_list_and_a_mapping_do_not_merge(patch: dict[str, Any], what: str, got: str, step: str) -> None:
    with pytest.raises(UsageError) as caught:
        Additions({}, {"redis": patch}).patched("redis", BODY)
    assert str(caught.value) == (
        f"{WHERE}: {what} in what is rendered\n   got: {got}\n  next: write {step} lines"
    )


CONF = "templates/redis/redis.conf.j2"


def rendered(*, patches: dict[str, Any] | None = None, **replaced: str) -> Bundle:
    """Render a plan with texts in the place of shipped files: `template` of Redis, `fragment` of Redis."""
    paths = {"template": CONF, "fragment": "compose/redis.yaml"}
    texts = {paths[kind]: Replaced(text, f"mine/{kind}") for kind, text in replaced.items()}
    return render(
        plan(), resource_dir("compose"), resource_dir("templates"), Path(), Additions(texts, patches or {})
    )


def service_of(found: Bundle, name: str) -> dict[str, Any]:
    services = yaml.safe_load(found.files["compose.yaml"].text)["services"]
    body: dict[str, Any] = services[name]
    return body


def test_nothing_added_changes_nothing() -> None:
    assert rendered().digest == bundle().digest


def test_a_text_in_the_place_of_a_template() -> None:
    found = rendered(template="# mine\npolicy {{ maxmemory_policy }}\n")
    (file,) = [file for path, file in found.files.items() if path.endswith("/redis.conf")]
    assert file.text == "# mine\npolicy allkeys-lru\n"
    assert file.source == "mine/template"
    changed = {name for name, digest in found.definitions.items() if digest != bundle().definitions[name]}
    assert changed == {"redis"}


def test_a_text_in_the_place_of_a_fragment() -> None:
    found = rendered(fragment="restart: always\n")
    body = service_of(found, "redis")
    assert (body["restart"], "cap_drop" in body) == ("always", False)
    assert body["mem_limit"] == service_of(bundle(), "redis")["mem_limit"]


def test_a_fragment_says_nothing_that_is_the_plan_s() -> None:
    with pytest.raises(UsageError) as caught:
        rendered(fragment="image: mine\n")
    assert str(caught.value) == (
        "mine/fragment: `image` is set by the fragment, but it belongs to the plan\n"
        "   got: mine\n"
        "  next: remove `image` from the fragment; a profile sets it"
    )


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("# mine\nport {{ prot }}\n", 2, "'prot' is undefined"),
        ("{% if port %}\n", 1, "Unexpected end of template. "),
        ("\n\n{{ maxmemory + [] }}\n", 3, "unsupported operand type(s) for +"),
        ("{% include 'none.j2' %}\n", 1, "none.j2"),
    ],
)
def test_a_template_of_the_user_that_cannot_be_rendered(text: str, line: int, got: str) -> None:
    with pytest.raises(UsageError) as caught:
        rendered(template=text)
    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == (f"mine/template:{line}", "the template cannot be rendered")
    assert problem.got.startswith(got)
    assert problem.next_step == f"correct it; `{CONF}` as it is shipped shows the values that there are"


def test_a_patch_comes_last_and_recreates_only_its_service() -> None:
    found = rendered(patches={"redis": {"cpus": 9.5, "restart": None, "labels": {"team": "red"}}})
    body = service_of(found, "redis")
    assert (body["cpus"], "restart" in body) == (9.5, False)
    assert body["labels"] == {"team": "red", HASH_LABEL: found.definitions["redis"]}
    changed = {name for name, digest in found.definitions.items() if digest != bundle().definitions[name]}
    assert changed == {"redis"}
