"""engine.version: too old for the toolkit, or for what was rendered."""

from __future__ import annotations

from tests.support.findings import ENGINE, ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.engine_version import engine_version
from toolkit.values import replace


def test_the_oldest_that_will_do() -> None:
    found = ask(engine_version, engine=replace(ENGINE, version="20.10.0", compose="2.26.0"))
    assert [one.status for one in found] == [Status.PASS, Status.PASS]


def test_both_are_told_when_both_are_too_old() -> None:
    engine, compose = ask(engine_version, engine=replace(ENGINE, version="19.03.15", compose="2.20.0"))
    assert (engine.subject, engine.status, engine.observed) == (
        "Docker Engine",
        Status.FAIL,
        "too old: 19.03.15",
    )
    assert (engine.expected, engine.remedy) == ("20.10 or newer", "install Docker Engine 20.10 or newer")
    assert (compose.subject, compose.observed) == ("Docker Compose", "too old: 2.20.0")
    assert compose.remedy == "install Docker Compose 2.26 or newer, or run `make up`, which does so on Debian"


def test_a_profile_written_for_a_newer_engine() -> None:
    found = ask(engine_version, plan('engine.version="25.0"'), engine=ENGINE)
    assert [(one.subject, one.cause) for one in found if one.status is Status.FAIL] == [
        ("toolkit.yaml: engine.version", "this engine is 20.10.24")
    ]
    newer = ask(engine_version, plan('engine.version="25.0"'), engine=replace(ENGINE, version="28.5.2"))
    assert {one.status for one in newer} == {Status.PASS}
