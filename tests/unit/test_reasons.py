"""Every figure that a template is given can be explained: by a reason, or as a setting that a layer said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.support.rendering import CASES, profile_of
from toolkit.planning.build import build_plan
from toolkit.planning.plan import Plan, ServicePlan
from toolkit.planning.wanted import section_path
from toolkit.profile.load import LoadedProfile, load_profile
from toolkit.resources import resource_dir
from toolkit.units import parse_bytes, parse_seconds
from toolkit.values import Value, fields_of

_FIGURE = re.compile(r"[0-9]")
# A name that is also in a template, not a figure of it: Compose and HAProxy find things by these.
_WORDS = frozenset(
    {"name", "model", "other", "prefix", "health_path", "cookie", "ready_pattern", "sockets", "directory"}
)


def load(machine: str, environment: str, directory: Path) -> LoadedProfile:
    (directory / "toolkit.yaml").write_text(profile_of(machine), encoding="utf-8")
    return load_profile(
        directory, environment=environment, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    )


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each value below `value` by its path; one of a list by its own name, a list without names as a whole."""
    if isinstance(value, Value):
        value = fields_of(value)
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping) and name != "jobs":
        for part, child in value.items():
            yield from leaves(f"{name}.{part}" if name else part, child)
    elif isinstance(value, tuple) and value and hasattr(value[0], "prefix" if name == "routes" else "number"):
        for item in value:
            yield from leaves(f"{name}.{item.name}", item)
    else:
        yield name, value


def figures(service: ServicePlan) -> Iterator[tuple[str, Any]]:
    for config in service.config_files:
        for name, value in leaves("", dict(config.values)):
            is_word = name.rpartition(".")[2] in _WORDS or value is None or isinstance(value, bool)
            if not is_word and value != () and (not isinstance(value, str) or _FIGURE.match(value)):
                yield name, value


def numbers(value: object) -> set[float]:
    """Return what a value may mean: 1 GiB reads as 1G, 1024m or 1073741824, ten seconds as 10s or 10.0."""
    if not isinstance(value, str):
        return {float(value)} if isinstance(value, int | float) else set()
    found: set[float] = set()
    for read in (float, parse_seconds, lambda text: parse_bytes(text.replace("kB", "K"))):
        try:
            found.add(float(read(value)))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize(("machine", "environment"), CASES)
def test_every_figure_of_a_template_has_a_reason_or_a_line_that_says_it(
    machine: str, environment: str, tmp_path: Path
) -> None:
    loaded = load(machine, environment, tmp_path)
    plan = build_plan(loaded.settings)
    seen = 0
    for service in plan.services:
        for name, value in figures(service):
            key = f"{section_path(loaded.settings, service.part_of)}.{name}"
            reason = plan.reasons.get(key)
            if reason is None:
                assert loaded.origins[key].line > 0, key
            elif isinstance(value, int | float | str) and numbers(value):
                assert numbers(value) & numbers(reason.value), (key, value, reason.value)
            seen += 1
    assert seen > 40


def test_every_reason_is_whole_and_its_inputs_can_be_followed(tmp_path: Path) -> None:
    for machine, environment in CASES:
        loaded = load(machine, environment, tmp_path)
        plan = build_plan(loaded.settings)
        for key, reason in plan.reasons.items():
            assert reason.formula, key
            assert reason.source, key
            dotted_inputs = [name for name in reason.inputs if "." in name and " " not in name]
            assert reason.inputs or reason.formula.startswith(("fixed", "101")), key
            for name in dotted_inputs:
                assert is_known(name, plan, loaded), (key, name)


def is_known(key: str, plan: Plan, loaded: LoadedProfile) -> bool:
    # A list is one value, and so is what is null.
    plain = re.sub(r"\.gpus\[[0-9]+\].*|(?<=\.facts)\.\w+$", lambda m: ".gpus" if "gpus" in m[0] else "", key)
    return key in plan.reasons or {key, plain} & set(loaded.origins) != set()


def test_a_reason_that_says_how_much_says_of_what(tmp_path: Path) -> None:
    plan = build_plan(load("two-hosts", "production", tmp_path).settings)
    units = {reason.unit for reason in plan.reasons.values()}
    assert units == {"", "bytes", "MiB", "ms", "s", "tokens"}
    large = {key for key, one in plan.reasons.items() if isinstance(one.value, int) and one.value > 10**7}
    assert {key for key in large if plan.reasons[key].unit != "bytes"} == {
        "services.prometheus.query_samples"
    }


TEMPLATES = sorted(resource_dir("templates").rglob("*.j2"))
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\"[^\"]*\"|'[^']*'")
_LITERAL = re.compile(r"(?<![\w.$/])\d+(\.\d+)?[a-zA-Z]*\b")
# Of HTTP, and of what HAProxy writes itself.
_PROTOCOL = re.compile(r"\b(status|return|proxy_cache_valid) [1-5]\d\d\b|^\([45]\d\d,|sha2\(256\)|^1$")
_COMMENT = ("#", "--", "{#")


def unexplained(template: Path) -> Iterator[str]:
    """Yield each line with a figure of its own that has no comment above it in its paragraph."""
    lines = [line.strip() for line in template.read_text().splitlines()]
    for number, line in enumerate(lines):
        text = _PROTOCOL.sub("", _FILLED_IN.sub("", line).strip())
        above = lines[max(0, number - 8) : number]
        paragraph = above[max((i for i, one in enumerate(above, 1) if not one), default=0) :]
        explained = any(one.startswith(_COMMENT) for one in paragraph)
        if not line.startswith(_COMMENT) and _LITERAL.search(text) and not explained:
            yield f"{template.name}:{number + 1}: {line}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_literal_of_a_template_has_a_comment_that_says_why(template: Path) -> None:
    assert list(unexplained(template)) == []


def test_a_literal_without_a_comment_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.conf.j2").write_text("# why\nsize 7m\n\nname {{ x }}\nlimit 9\n")
    assert list(unexplained(tmp_path / "a.conf.j2")) == ["a.conf.j2:5: limit 9"]
