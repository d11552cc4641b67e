"""What has to be reached from outside: the registries that images come from, and the Hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.planning.plan import HubModel, Plan

_DOCKER_HUB = "registry-1.docker.io"
HF_HOME = "/cache/huggingface"


def registry_hosts(references: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts that `references` are pulled from: what is before the first slash, where it looks like one."""
    return tuple(dict.fromkeys(_host(reference) for reference in references))


def _host(reference: str) -> str:
    first, slash, _ = reference.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first.partition(":")[0] if named else _DOCKER_HUB


def hub_models(plan: Plan) -> tuple[HubModel, ...]:
    """Return the repositories that services of the plan fetch, each once."""
    return tuple(dict.fromkeys(model for service in plan.services for model in service.fetches))


def cache_directory(plan: Plan) -> str | None:
    """Return the directory of the host that is the servers' cache, None where it is a volume or no server has one."""
    mounts = (mount for service in plan.services for mount in service.mounts)
    return next((m.source for m in mounts if m.kind == "bind" and m.target == HF_HOME), None)
