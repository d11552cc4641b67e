"""A look at a host, written and read again: the same values, and the same report byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.fake_engine import FakeEngine
from tests.support.plans import plan
from toolkit import recorded
from toolkit.checking import Suite
from toolkit.checks import of_suite
from toolkit.cli.place import Place
from toolkit.cli.probing import probes_of
from toolkit.clock import SYSTEM_CLOCK
from toolkit.errors import Problem, UsageError
from toolkit.facts import (
    CardProcessFact,
    CardStateFact,
    ContainerFact,
    FiguresFact,
    KernelFact,
    LogFact,
    MountFact,
    Series,
    Unavailable,
)
from toolkit.recorded import Look
from toolkit.routines.examine import look, report_of
from toolkit.snapshot import Snapshot
from toolkit.values import replace
from toolkit.writers.json import report_json

SEEN = Snapshot(
    "2026-01-01T00:00:00+00:00",
    engine=Unavailable("away", (Problem("engine", "is away", "no socket", "start it"),)),
    containers=(
        ContainerFact("redis", "id", "p", "running", mounts=(MountFact("bind", "/a", "/b", mode=0o755),)),
    ),
    sysctls={"vm.overcommit_memory": "1"},
    logs=(LogFact("redis", ("a line \u00e9", "\x1b[0m")),),
    kernel=(KernelFact("Xid 79"),),
    card_states=(CardStateFact(0, "GPU-1", 100, 50, None, 40, 1.5, processes=(CardProcessFact(1, "x", 2),)),),
    redis=(FiguresFact("redis", {"used_memory": 1.0}, {"role": "master"}),),
    series=(Series("memory", "redis", "MiB", ((0.0, 1.0), (1.0, None))),),
)


def seen(directory: Path) -> Look:
    engine, planned = FakeEngine(), plan("services.llm_general.environment.HF_TOKEN=hf_planted_secret")
    place = Place(planned, directory, "unix:///x", False, engine, engine, dict, {})
    checks = of_suite(Suite.DIAGNOSE)
    return look(
        Suite.DIAGNOSE, checks, planned, probes_of(place), budget_s=10, clock=SYSTEM_CLOCK, strict=False
    )


def test_every_part_comes_back_as_it_was() -> None:
    (back,) = recorded.read(recorded.write((Look("diagnose", 1.25, True, plan(), SEEN),), "1.0"), "x")
    assert back.seen == SEEN
    assert (back.suite, back.elapsed_s, back.strict) == ("diagnose", 1.25, True)
    assert back.plan.services[0].memory_bytes == plan().services[0].memory_bytes
    assert back.plan.hosts == plan().hosts
    assert back.as_recorded() == back


def test_another_machine_comes_to_the_same_report(tmp_path: Path) -> None:
    live = seen(tmp_path).as_recorded()
    text = recorded.write((live,), "1.0")
    (back,) = recorded.read(text, "x")
    assert back == live
    checks = of_suite(Suite.DIAGNOSE)
    reports = [json.dumps(report_json(report_of(one, checks))) for one in (live, back)]
    assert reports[0] == reports[1]
    assert recorded.write((back,), "1.0") == text


def test_no_secret_of_the_profile_is_written(tmp_path: Path) -> None:
    text = recorded.write((seen(tmp_path),), "1.0")
    assert "HF_TOKEN" in text
    assert "planted" not in text


def test_what_a_later_toolkit_added_is_left_out() -> None:
    body = json.loads(recorded.write((Look("diagnose", 1.0, False, plan(), SEEN),), "9"))
    body["looks"][0]["seen"]["weather"] = "fine"
    (back,) = recorded.read(json.dumps(body), "x")
    assert back.seen == SEEN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no saved look"),
        ("[]", "no saved look"),
        ('{"schema": 2, "looks": []}', "its form is number 2, this toolkit reads 1"),
        ('{"schema": 1, "looks": [{}]}', "no saved look"),
    ],
)
def test_something_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        recorded.read(text, "look.json")


def test_a_strict_look_stays_strict() -> None:
    assert replace(Look("diagnose", 1.0, True, plan(), SEEN)).as_recorded().strict
