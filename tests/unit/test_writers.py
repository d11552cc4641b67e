"""Reports for machines and for pages: nothing that a log prints can break out of them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from toolkit.checking import Change, Finding, Status
from toolkit.report import Report
from toolkit.values import replace
from toolkit.writers import junit, markdown
from toolkit.writers.annotations import marks

FULL = Finding(
    "disk",
    Status.FAIL,
    "full",
    "1 GiB free",
    "logs <&>",
    "df -h\nthen remove some",
    ("/ 100% | \x1b[31mred\x00",),
    "disk.data",
)
AWAY = Finding("hub", Status.ERROR, "could not look", cause="no route", check="hub.reach")
SWAP = Finding("swap", Status.WARN, "8 MiB", "0 MiB", check="disk.swap", changes=(Change("a.b", 1),))
NONE = Finding("cards", Status.SKIP, "none planned", check="gpu.cards")
FINE = Finding("local", Status.PASS, "2 cores", check="host.cpus")
ALL = (FULL, AWAY, SWAP, NONE, FINE)


def report(*findings: Finding, strict: bool = False) -> Report:
    started, metrics = "2026-01-01T00:00:00+00:00", {"p95_ms": 12.5}
    return Report("preflight", "testing", started, 61.25, findings, metrics, strict=strict)


def suite(one: Report) -> ET.Element:
    found = ET.fromstring(junit.write([one])).find("testsuite")  # noqa: S314 - our own
    assert found is not None
    return found


def test_junit_tells_failures_errors_and_what_was_skipped_apart() -> None:
    found = suite(report(*ALL))
    counts = {name: found.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1", "skipped": "1", "time": "61.250"}
    kinds = {case.get("name"): [child.tag for child in case] for case in found.iter("testcase")}
    assert kinds == {
        "disk.data disk": ["failure"],
        "hub.reach hub": ["error"],
        "disk.swap swap": [],
        "gpu.cards cards": ["skipped"],
        "host.cpus local": [],
    }
    assert (found.findtext("system-out") or "").startswith("WARN  disk.swap  swap: 8 MiB")
    assert {p.get("name"): p.get("value") for p in found.iter("property")}["p95_ms"] == "12.5"


def test_junit_holds_what_xml_cannot_hold() -> None:
    failure = suite(report(FULL)).find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "disk.data"
    assert "| / 100% | \ufffd[31mred\ufffd" in (failure.text or "")


def test_with_strict_a_warning_is_a_failure() -> None:
    assert suite(report(SWAP, strict=True)).get("failures") == "1"
    assert marks([report(SWAP, strict=True)], {"GITHUB_ACTIONS": "true"}).startswith("::error ")


@given(st.text())
def test_junit_is_xml_whatever_a_log_says(text: str) -> None:
    suite(report(replace(FULL, observed=text, evidence=(text,), subject=text)))


def test_markdown_shows_what_is_wrong_first_and_folds_the_rest() -> None:
    lines = markdown.write([report(*ALL)]).splitlines()
    assert lines[0] == "## ❌ preflight testing: fail"
    assert lines[2] == ("1 fail, 1 error, 1 warn, 1 skip, 1 pass in 61.2 s, begun 2026-01-01T00:00:00+00:00.")
    assert "| ❌ fail | `disk.data` | disk | full | 1 GiB free |" in lines
    assert "Cause: logs &lt;&amp;&gt;" in lines
    assert lines.index("<details><summary>What is as it should be</summary>") > lines.index(
        "| p95\\_ms | 12.5 |"
    )
    assert "| ✅ pass | `host.cpus` | local | 2 cores |  |" in lines


def test_markdown_cannot_be_broken_out_of() -> None:
    nasty = "```\n</details> | [a](b) <img>"
    text = markdown.write([report(replace(FULL, observed=nasty, evidence=("````",), remedy="x"))])
    assert "\\`\\`\\` &lt;/details&gt; \\| \\[a\\](b) &lt;img&gt;" in text
    assert "\n`````text\n````\n`````\n" in text


def test_github_gets_a_line_for_each_thing_that_deserves_a_look() -> None:
    lines = marks([report(*ALL)], {"GITHUB_ACTIONS": "true"}).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::warning"]
    assert lines[0].startswith(
        "::error title=preflight testing%3A disk.data disk::FAIL  disk.data  disk: full"
    )
    assert "%0Anext: df -h%0Athen remove some" in lines[0]
    assert "| / 100%25 |" in lines[0]
    assert lines[2].startswith("::warning file=toolkit.yaml,title=preflight testing%3A disk.swap swap::")


def test_gitlab_gets_a_section_that_folds() -> None:
    text = marks([report(*ALL)], {"GITLAB_CI": "true"})
    assert text.startswith(
        "\x1b[0Ksection_start:1767225600:toolkit_preflight_testing\r\x1b[0Kpreflight testing: fail\n"
        "\x1b[31mFAIL  disk.data  disk: full"
    )
    assert "\x1b[33mWARN  disk.swap" in text
    assert text.endswith("\x1b[0Ksection_end:1767225661:toolkit_preflight_testing\r\x1b[0K")


def test_elsewhere_nobody_is_told_twice() -> None:
    assert marks([report(*ALL)], {"CI": "true"}) == ""
