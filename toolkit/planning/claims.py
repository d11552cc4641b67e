"""What only one service can have: a route at the edge, a port of a host, the name of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import PublishedPort, ServicePlan
from toolkit.planning.site import service_name
from toolkit.planning.wanted import is_reserved, section_path
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm

# What the edge answers itself, or has a model answer.
EDGE_PATHS = ("/v1", "/healthz")
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


def refuse_shared_routes(settings: Settings, sections: Mapping[str, Service]) -> None:
    """Raise UsageError for a route that two services claim, or that is the edge's own.

    A service without an image claims none: nothing of it is served.
    """
    claimed: dict[str, str] = {}
    problems = []
    for key, section in sections.items():
        if not isinstance(section, Application) or section.route is None or is_reserved(section):
            continue
        where, step = f"{section_path(settings, key)}.route", "choose another path, such as /api"
        if any(f"{section.route}/".startswith(f"{own}/") for own in EDGE_PATHS):
            problems.append(Problem(where, "this path is the edge's own", section.route, step))
        elif section.route in claimed:
            got = f"{section.route}, which leads to {claimed[section.route]}"
            problems.append(Problem(where, "another service has this route", got, step))
        claimed.setdefault(section.route, service_name(key))
    if problems:
        raise UsageError(*problems)


def refuse_shared_names(sections: Mapping[str, Service]) -> None:
    """Raise UsageError for a name that two models, or LoRA adapters of them, would answer to."""
    named: dict[str, str] = {}
    problems = []
    for key, section in sections.items():
        if not isinstance(section, Llm):
            continue
        said = {f"services.{key}.served_name": section.served_name}
        said |= {
            f"services.{key}.lora_modules[{n}].name": one.name for n, one in enumerate(section.lora_modules)
        }
        for where, name in said.items():
            if name in named:
                step = "give one of them another name"
                problems.append(Problem(where, "this name is taken", f"{name}, as {named[name]} says", step))
            named.setdefault(name, where)
    if problems:
        raise UsageError(*problems)


def refuse_shared_ports(settings: Settings, services: Sequence[ServicePlan]) -> None:
    """Raise UsageError where two services of one host would publish the same port of it."""
    published = [(service, port) for service in services for port in service.ports]
    problems = [
        _shared(settings, one, other)
        for one, other in combinations(published, 2)
        if one[0] is not other[0] and one[0].host == other[0].host and _overlap(one[1], other[1])
    ]
    if problems:
        raise UsageError(*problems)


def _overlap(one: PublishedPort, other: PublishedPort) -> bool:
    same = one.host_ip == other.host_ip or bool({one.host_ip, other.host_ip} & _EVERYWHERE)
    return (
        same and one.host_port < other.host_port + other.count and other.host_port < one.host_port + one.count
    )


def _shared(
    settings: Settings, one: tuple[ServicePlan, PublishedPort], other: tuple[ServicePlan, PublishedPort]
) -> Problem:
    rows = (f"{service.name:16} {_written(port)}" for service, port in (one, other))
    return Problem(
        where=f"{section_path(settings, other[0].part_of)}.port",
        what=f"{one[0].name} publishes this port of host `{one[0].host}` already",
        got="\n".join(rows),
        next_step="give one of them another port; replicas take as many in a row",
    )


def _written(port: PublishedPort) -> str:
    last = f"-{port.host_port + port.count - 1}" if port.count > 1 else ""
    return f"{port.host_ip}:{port.host_port}{last}"
