"""Settings, plans and bundles of the shipped profiles, each with a few values changed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.support.rendering import MACHINES
from toolkit.planning.build import build_plan
from toolkit.profile.load import load_profile
from toolkit.render.render import render
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, ServicePlan
    from toolkit.render.bundle import Bundle
    from toolkit.settings.root import Settings


@cache
def settings(*sets: str, environment: str = "testing", machine: str = "cpu-offline") -> Settings:
    """Return the settings of a machine of tests/data with some values `set`."""
    return load_profile(
        MACHINES / machine,
        environment=environment,
        hardware=None,
        sets=sets,
        profiles_dir=resource_dir("profiles"),
    ).settings


@cache
def plan(*sets: str, environment: str = "testing", machine: str = "cpu-offline") -> Plan:
    """Return the plan of such settings."""
    return build_plan(settings(*sets, environment=environment, machine=machine))


def service(name: str, *sets: str, machine: str = "cpu-offline") -> ServicePlan:
    """Return one service of such a plan."""
    found = plan(*sets, machine=machine).service(name)
    assert found is not None
    return found


@cache
def bundle(*sets: str, environment: str = "testing", machine: str = "cpu-offline") -> Bundle:
    """Return such a plan, rendered."""
    return render(
        plan(*sets, environment=environment, machine=machine),
        resource_dir("compose"),
        resource_dir("templates"),
        MACHINES / machine,
    )
