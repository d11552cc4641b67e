"""What other programs read is as the schemas say: our own for JSON, that of all readers for JUnit's XML."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from tests.support.demo_report import demo_report
from toolkit.checking import Finding, Status
from toolkit.report import SCHEMA, Report
from toolkit.values import replace
from toolkit.writers import json as json_writer
from toolkit.writers import junit
from toolkit.writers.json import schema

XSD = Path(__file__).parents[1] / "data" / "junit.xsd"
CASES = {
    "everything": [demo_report()],
    "hostile": [demo_report(hostile=True)],
    "no numbers": [replace(demo_report(), metrics={"a": math.nan, "b": math.inf}, changes=None)],
    "nothing": [Report("preflight", "testing", "2026-01-01T00:00:00+00:00", 0.0, ())],
}


@cache
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


@cache
def xsd() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD)


def two_hosts() -> list[Report]:
    return [replace(demo_report(), host=host) for host in ("ai", "app")]


@pytest.mark.parametrize("name", CASES)
def test_json_is_as_its_schema_says(name: str) -> None:
    validator().validate(json.loads(json_writer.write(CASES[name])))


def test_several_hosts_are_as_the_schema_says_too() -> None:
    validator().validate(json.loads(json_writer.write(two_hosts())))
    xsd().validate(junit.write(two_hosts()))


def test_the_schema_names_all_that_is_written() -> None:
    unknown = list(_unknown(json.loads(json_writer.write([demo_report()])), schema()["$defs"]["report"]))
    assert unknown == []


def _unknown(value: Any, part: dict[str, Any], path: str = "") -> Any:
    """Yield what is written and not in the schema."""
    part = schema()["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    part = part["anyOf"][0] if "anyOf" in part else part
    part = schema()["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    if isinstance(value, dict):
        for key, inner in value.items():
            known = part.get("properties", {}).get(key, part.get("additionalProperties"))
            if known is None:
                yield f"{path}.{key}"
            else:
                yield from _unknown(inner, known, f"{path}.{key}")
    elif isinstance(value, list) and "items" in part:
        for index, inner in enumerate(value):
            yield from _unknown(inner, part["items"], f"{path}[{index}]")


@pytest.mark.parametrize(
    "broken",
    [
        {"verdict": "good"},
        {"findings": [{}]},
        {"schema": SCHEMA + 1},
        {"metrics": {"a": "1"}},
        {"exit_code": 2},
    ],
)
def test_the_schema_refuses_what_is_no_report(broken: dict[str, Any]) -> None:
    body = json.loads(json_writer.write([demo_report()])) | broken
    assert not validator().is_valid(body)


@pytest.mark.parametrize("name", CASES)
def test_junit_is_as_all_readers_take_it(name: str) -> None:
    xsd().validate(junit.write(CASES[name]))


@given(st.text(), st.sampled_from(Status))
def test_junit_stays_valid_whatever_is_found(text: str, status: Status) -> None:
    finding = Finding(text, status, text, text, text, text, (text,), "a.b")
    xsd().validate(
        junit.write([Report("preflight", "testing", "2026-01-01T00:00:00+00:00", 1e6, (finding,))])
    )


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("<system-err />", ""),
        ('time="0"', 'time="soon"'),
        ('timestamp="2026-01-01T00:00:00"', 'timestamp="2026-01-01T00:00:00+00:00"'),
        ('tests="0"', 'tests="none"'),
        ("<testsuites>", '<testsuites tests="0">'),
    ],
)
def test_the_schema_of_junit_refuses_what_some_reader_would(there: str, instead: str) -> None:
    text = junit.write(CASES["nothing"] if "tests=" in there or "time" in there else [demo_report()])
    text = junit.write([demo_report()]) if there == 'time="0"' else text
    assert there in text
    assert not xsd().is_valid(text.replace(there, instead))
