"""A plan grows with its services, not with their square: counted in calls, so that no other load disturbs it."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from bench.plans import profile
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir
from toolkit.settings.root import Settings


def load(hosts: int, services: int, directory: Path) -> Settings:
    directory.mkdir()
    (directory / "toolkit.yaml").write_text(yaml.safe_dump(profile(hosts, services)))
    return load_profile(
        directory, environment=None, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    ).settings


def calls(settings: Settings) -> int:
    """Return how many Python functions are entered, generators resumed included, while the plan is made."""
    count = 0

    def entered(frame: object, event: str, argument: object) -> None:
        nonlocal count
        del frame, argument
        count += event == "call"

    sys.setprofile(entered)
    try:
        build_plan(settings)
    finally:
        sys.setprofile(None)
    return count


def test_twice_as_many_services_on_twice_as_many_hosts_take_twice_the_work(tmp_path: Path) -> None:
    large, twice = load(20, 200, tmp_path / "a"), load(40, 400, tmp_path / "b")
    build_plan(large)
    plan = build_plan(twice)
    assert (len(plan.services) + len(plan.reserved), len(plan.hosts)) == (400, 40)
    assert calls(twice) <= 2.2 * calls(large)
