"""The JSON Schema takes every layer, and reference.yaml documents every key of it and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from toolkit.profile.load import load_profile
from toolkit.profile.schema import choices, json_schema, keys_below, keys_of
from toolkit.profile.tree import KeyPath, Node, Origin, dotted, plain, walk
from toolkit.profile.yaml_source import read_file
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

PROFILES = resource_dir("profiles")
LAYERS = [
    PROFILES / "base.yaml",
    *sorted(PROFILES.glob("environments/*.yaml")),
    *sorted(PROFILES.glob("hardware/*.yaml")),
    *sorted(PROFILES.glob("presets/*.yaml")),
    *sorted(PROFILES.glob("personas/*.yaml")),
    PROFILES / "strict.yaml",
]
# Mappings with free names, which the reference shows by one entry.
FREE = ("models", "hosts")
# Those whose shipped entries it shows.
NAMED = (("services", "mariadb", "indexes"), ("services", "prometheus", "alerts"))
IN_ENVIRONMENT = re.compile(r"\s*# in (\w+): (.+)")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


def tree(path: Path) -> Node:
    reading = read_file(path, path.name)
    assert reading.faults == []
    return reading.node or Node({}, Origin(path.name), Origin(path.name))


REFERENCE = tree(PROFILES / "reference.yaml")


def test_the_schema_is_one_of_draft_2020_12(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({}, schema)


@pytest.mark.parametrize("layer", [*LAYERS, PROFILES / "reference.yaml"], ids=lambda path: path.name)
def test_the_schema_takes_every_layer(schema: dict[str, Any], layer: Path) -> None:
    jsonschema.Draft202012Validator(schema).validate(plain(tree(layer)))


@pytest.mark.parametrize(
    "layer",
    [{"services": {"redis": {"memroy": "1GiB"}}}, {"services": {"redis": {"memory": 5}}}, {"redis": {}}],
)
def test_the_schema_refuses_what_loading_refuses(schema: dict[str, Any], layer: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(layer, schema)


def test_what_the_schema_says_of_a_key(schema: dict[str, Any]) -> None:
    assert "memory" in keys_of(schema, ("services", "redis"))
    assert keys_of(schema, ("services", "redis", "memory")) == []
    assert "licence" in keys_of(schema, ("models", "any name"))
    assert choices(schema, ("no", "such", "key")) == []
    assert ("services", "llm_fast", "flags", "seed") in set(keys_below(schema))


def test_the_reference_has_every_key_and_no_other(schema: dict[str, Any]) -> None:
    documented = {path for path, _ in walk(REFERENCE)}
    assert set(keys_below(schema)) <= documented
    for names in NAMED:
        named = {path for path in documented if path[:3] == names and len(path) > 3}
        assert {path[4] for path in named if len(path) == 5} == set(keys_of(schema, (*names, "any_name")))
        documented -= named
    free = {path for path in documented if path[0] in FREE}
    assert documented - set(keys_below(schema)) == free - {(name,) for name in FREE}
    for name in FREE:
        below = {path[2] for path in free if path[0] == name and len(path) == 3}
        assert below == set(keys_of(schema, (name, "example")))


def test_the_reference_is_a_valid_toolkit_yaml(tmp_path: Path) -> None:
    (tmp_path / "toolkit.yaml").write_text((PROFILES / "reference.yaml").read_text())
    loaded = load_profile(tmp_path, environment=None, hardware=None, sets=(), profiles_dir=PROFILES)
    assert {origin.source for origin in loaded.origins.values()} >= {"toolkit.yaml"}
    assert str(loaded.origins["services.redis.memory"]).startswith("toolkit.yaml:")


def leaves(node: Node) -> dict[KeyPath, object]:
    return {
        path: plain(child)
        for path, child in walk(node)
        if not isinstance(child.value, Mapping) or not child.value
    }


def test_the_reference_holds_the_values_of_the_base() -> None:
    documented = {path: value for path, value in leaves(REFERENCE).items() if path[0] not in FREE}
    assert documented == {
        path: value for path, value in leaves(tree(PROFILES / "base.yaml")).items() if path[0] not in FREE
    }


def comments() -> Iterator[tuple[KeyPath, list[str]]]:
    """Yield each key of the reference with the comment lines directly above it."""
    lines = (PROFILES / "reference.yaml").read_text().splitlines()
    for path, node in walk(REFERENCE):
        first = last = node.key.line - 1
        while lines[first - 1].lstrip().startswith("#"):
            first -= 1
        yield path, lines[first:last]


def test_every_key_is_explained_or_refers_to_where_it_is() -> None:
    explained = {path: " ".join(above) for path, above in comments()}
    for path, text in explained.items():
        sections = [explained[path[:i]] for i in range(1, len(path))]
        assert text or any("As in `" in section for section in sections), dotted(path)
        for name in re.findall(r"As in `([\w.]+)`", text):
            assert any(dotted(other) == name for other in explained), name


@pytest.mark.parametrize("environment", ["development", "testing", "production"])
def test_the_reference_tells_where_an_environment_differs(environment: str) -> None:
    base = leaves(tree(PROFILES / "base.yaml"))
    layer = leaves(tree(PROFILES / "environments" / f"{environment}.yaml"))
    told = {
        dotted(path): match[2]
        for path, above in comments()
        for match in map(IN_ENVIRONMENT.fullmatch, above)
        if match and match[1] == environment
    }
    differing = {dotted(path): str(value) for path, value in layer.items() if value != base.get(path)}
    assert {key: value.lower() for key, value in differing.items()} == {
        key: value.lower() for key, value in told.items()
    }
