"""Which services are part of the stack, where each stands, and who uses whom."""

from __future__ import annotations

import re
from collections.abc import Mapping

from toolkit.errors import Problem, UsageError
from toolkit.planning.site import service_name
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm

LLMS = ("llm_general", "llm_fast")
MODELS = (*LLMS, "embeddings")
_MODEL_NAMES = frozenset(service_name(key) for key in MODELS)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_REPLICA = re.compile(r"-[0-9]+$")
APPLICATIONS = ("api_server", "chat_server", "auth_server", "training_server")


def wanted_sections(settings: Settings) -> dict[str, Service]:
    """Return every section that is enabled and has something to do, own services last, in the order of start.

    Raises UsageError where nothing is, or where an own service has a name that it cannot have.
    """
    every: dict[str, Service] = {key: getattr(settings.services, key) for key in _ORDER}
    taken = {service_name(key): key for key in every}
    for key, section in settings.own_services.items():
        _refuse_name(key, taken)
        every[key] = section
        taken[service_name(key)] = key
    on = {key: section for key, section in every.items() if section.enabled}
    wanted = {key: section for key, section in on.items() if _has_work(key, on)}
    if not any(not is_reserved(section) for section in wanted.values()):
        raise UsageError(
            Problem("services", "nothing is enabled", next_step="set `enabled: true` on a service")
        )
    return wanted


_ORDER = (
    "redis",
    "mariadb",
    "vector_db",
    "elasticsearch",
    "response_cache",
    "edge",
    "prometheus",
    *MODELS,
    *APPLICATIONS,
)


def _refuse_name(key: str, taken: Mapping[str, str]) -> None:
    """Services, networks and secrets are named after it; `taken` gives the key of each name that is there."""
    where, step = f"own_services.{key}", "choose another name"
    if not _NAME.fullmatch(key):
        what = "this is no name of a service"
        step = "use small letters, digits, _ and -, a letter first, such as `search_api`"
        raise UsageError(Problem(where, what, key, step))
    # Replicas of a model are services of their own: llm-general-2.
    base = _REPLICA.sub("", service_name(key))
    known = taken.get(service_name(key)) or (taken.get(base) if base in _MODEL_NAMES else None)
    if known is not None:
        shipped = known in _ORDER
        what = "a shipped service has this name" if shipped else f"own_services.{known} has this name"
        raise UsageError(Problem(where, what, service_name(key), step))


def section_path(settings: Settings, key: str) -> str:
    """Return where the section of a service stands in a profile: `services.redis`, `own_services.mine`."""
    return f"own_services.{key}" if key in settings.own_services else f"services.{key}"


def is_reserved(section: Service) -> bool:
    """Return whether it is an application whose image is yet to come."""
    return isinstance(section, Application) and section.image is None


def _has_work(key: str, on: Mapping[str, Service]) -> bool:
    """The edge and what stands around it have none without a model or an application to serve."""
    models = any(name in on for name in MODELS)
    if key == "edge":
        return models or any(
            isinstance(s, Application) and s.route and not is_reserved(s) for s in on.values()
        )
    if key == "response_cache":
        return "edge" in on and any(name in on for name in LLMS)
    return key != "prometheus" or models


def placed(settings: Settings, sections: Mapping[str, Service]) -> dict[str, str]:
    """Return the host of each section. Raises UsageError where none is named and there are several."""
    if not settings.hosts:
        raise UsageError(
            Problem("hosts", "there is no host", "", "choose a --hardware, or declare one under `hosts:`")
        )
    return {key: _host(settings, key, section) for key, section in sections.items()}


def _host(settings: Settings, key: str, section: Service) -> str:
    names = list(settings.hosts)
    name = names[0] if section.host is None and len(names) == 1 else section.host
    if name in settings.hosts:
        return str(name)
    known = ", ".join(names)
    what = "names no host, and there are several" if name is None else f"there is no host `{name}`"
    raise UsageError(Problem(f"{section_path(settings, key)}.host", what, "", f"write one of {known}"))


def links(sections: Mapping[str, Service]) -> frozenset[tuple[str, str]]:
    """Return who uses whom, as pairs of keys: the edge what it serves, applications what they name."""
    found: set[tuple[str, str]] = {
        (key, used)
        for key, section in sections.items()
        if isinstance(section, Application) and not is_reserved(section)
        for used in section.uses
        if used in sections
    }
    if "edge" in sections:
        found |= {("edge", key) for key, section in sections.items() if _is_served(section)}
    return frozenset(found)


def _is_served(section: Service) -> bool:
    if isinstance(section, Application):
        return section.route is not None and not is_reserved(section)
    return isinstance(section, Llm)
