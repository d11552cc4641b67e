"""Every figure of the specification is a line in a rendered file, or a value of the profile that it is about."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.rendering import MACHINES
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.profile.tree import dotted, plain, walk
from toolkit.render.render import render
from toolkit.resources import resource_dir
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.profile.load import LoadedProfile

_READ = yaml.safe_load((Path(__file__).parents[1] / "data" / "figures.yaml").read_text())
CASES: dict[str, dict[str, Any]] = _READ["cases"]
FIGURES: list[dict[str, Any]] = _READ["figures"]
_HASH = re.compile(r"^(files/[^/]+)/[0-9a-f]{12}/")


@cache
def profile(case: str) -> LoadedProfile:
    said = CASES[case]
    return load_profile(
        MACHINES / said["machine"],
        environment=said["environment"],
        hardware=None,
        persona=said.get("persona"),
        strict=said.get("strict", False),
        sets=tuple(said.get("sets", ())),
        profiles_dir=resource_dir("profiles"),
    )


@cache
def plan(case: str) -> Plan:
    return build_plan(profile(case).settings)


@cache
def rendered(case: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the files of all hosts without their hashes, and the services of all their Compose files."""
    files: dict[str, str] = {}
    services: dict[str, Any] = {}
    for host in plan(case).hosts:
        machine = MACHINES / CASES[case]["machine"]
        bundle = render(
            plan(case).on_host(host.name), resource_dir("compose"), resource_dir("templates"), machine
        )
        for path, file in bundle.files.items():
            files.setdefault(_HASH.sub(r"\1/", path), file.text)
        services |= yaml.safe_load(bundle.files["compose.yaml"].text)["services"]
    return files, services


def value_of(case: str, key: str) -> Any:
    return {dotted(path): plain(node) for path, node in walk(profile(case).merged)}[key]


def leaf_of(case: str, service: str, leaf: str) -> Any:
    body = rendered(case)[1][service]
    if leaf == "cards":
        return body["deploy"]["resources"]["reservations"]["devices"][0]["device_ids"]
    if leaf.startswith("--"):
        return body["command"][body["command"].index(leaf) + 1]
    for part in leaf.split("."):
        body = body[part]
    return body


def check_file(figure: dict[str, Any]) -> None:
    text = rendered(figure["case"])[0][figure["file"]]
    if "line" in figure:
        assert figure["line"] in [line.strip() for line in text.splitlines()]
    elif "holds" in figure:
        assert figure["holds"] in text
    else:
        assert figure["lacks"] not in text


def check_sum(figure: dict[str, Any]) -> None:
    found = (plan(figure["case"]).service(name) for name in figure["sum"])
    total = sum(service.memory_bytes for service in found if service) // MIB
    assert figure.get("at_least", 1) <= total <= figure["at_most"]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f"{f['figure']}-{f['case']}".replace(" ", "-"))
def test_the_figure_comes_true(figure: dict[str, Any]) -> None:
    case = figure["case"]
    if "file" in figure:
        check_file(figure)
    elif "sum" in figure:
        check_sum(figure)
    elif "length" in figure:
        assert len(value_of(case, figure["key"])) == figure["length"]
    elif "key" in figure:
        assert value_of(case, figure["key"]) == figure["value"]
    else:
        assert leaf_of(case, figure["service"], figure["leaf"]) == figure["value"]


def test_every_case_is_used_and_every_figure_has_one_place() -> None:
    assert {figure["case"] for figure in FIGURES} == set(CASES)
    for figure in FIGURES:
        kinds = [kind for kind in ("file", "service", "key", "sum") if kind in figure]
        assert len(kinds) == 1, figure
