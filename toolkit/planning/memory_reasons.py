"""Why each service has the memory that it has, and what of a host is kept, promised and spare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.planning.plan import HostPlan, Reason
from toolkit.planning.said import said
from toolkit.planning.site import Site
from toolkit.planning.wanted import section_path
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.vllm import Llm

_RATIOS = "shares keep the ratios of the reference production; floors and ceilings hold whatever they come to"


def memory_reasons(site: Site, hosts: Sequence[HostPlan]) -> Mapping[str, Reason]:
    """Return the reasons of all hosts and of all services' limits by their keys."""
    found: dict[str, Reason] = {}
    by_host: dict[str, list[str]] = {host.name: [] for host in hosts}
    for key, name in site.placed.items():
        by_host[name].append(key)
    for host in hosts:
        here = by_host[host.name]
        shared = _for_shares(site, host, here)
        found |= _host(site, host, here, shared)
        found |= {
            f"{section_path(site.settings, key)}.memory_limit": _limit(site, host, key, shared)
            for key in here
        }
        found |= _processors(site, here)
    return found


def _host(site: Site, host: HostPlan, here: Sequence[str], shared: int) -> Mapping[str, Reason]:
    where = f"hosts.{host.name}"
    total = {f"{where}.memory": host.memory_bytes}
    kept = said(site.settings, "headroom.share", "headroom.floor", "headroom.ceiling")
    fixed = {
        f"{section_path(site.settings, key)}.memory": site.memory[key] * _times(site.sections[key])
        for key in here
        if isinstance(site.sections[key].memory, int)
    }
    own = {**total, f"{where}.headroom": host.headroom_bytes}
    limits = {
        f"{section_path(site.settings, key)}.memory_limit": site.memory[key] * _times(site.sections[key])
        for key in here
    }
    return {
        f"{where}.headroom": Reason(
            host.headroom_bytes,
            "memory × headroom.share, at least headroom.floor, at most headroom.ceiling",
            {**total, **kept},
            "what system, engine and page cache keep, so that nothing of it has to be taken back",
            "bytes",
        ),
        f"{where}.for_shares": Reason(
            shared,
            "(memory − headroom − fixed amounts) × host_share",
            {**own, **fixed, **said(site.settings, "host_share")},
            "fixed amounts come first; host_share is the part of a host that the environment plans with",
            "bytes",
        ),
        f"{where}.planned": Reason(
            host.planned_bytes,
            "sum of all limits, times replicas",
            limits,
            "limits are hard: the engine holds to them",
            "bytes",
        ),
        f"{where}.spare": Reason(
            host.free_bytes,
            "memory − headroom − planned",
            {**own, f"{where}.planned": host.planned_bytes},
            "a host is never promised more than it has",
            "bytes",
        ),
    }


def _limit(site: Site, host: HostPlan, key: str, shared: int) -> Reason:
    section, value = site.sections[key], site.memory[key]
    where, times = section_path(site.settings, key), _times(site.sections[key])
    amount = {f"{where}.memory": section.memory}
    if isinstance(section.memory, int):
        return Reason(value, "memory, a fixed amount", amount, "the profile", "bytes")
    each = " ÷ replicas" if times > 1 else ""
    bounds: dict[str, object] = {f"{where}.memory_floor": section.memory_floor}
    if section.memory_ceiling is not None:
        bounds[f"{where}.memory_ceiling"] = section.memory_ceiling
    return Reason(
        value,
        f"memory × for_shares of the host{each}, at least memory_floor"
        + (", at most memory_ceiling" if section.memory_ceiling is not None else ""),
        {
            **amount,
            f"hosts.{host.name}.for_shares": shared,
            **bounds,
            **({f"{where}.replicas": times} if times > 1 else {}),
        },
        _RATIOS,
        "bytes",
    )


def _for_shares(site: Site, host: HostPlan, here: Sequence[str]) -> int:
    fixed = sum(
        site.memory[key] * _times(site.sections[key])
        for key in here
        if isinstance(site.sections[key].memory, int)
    )
    return int(max(0, host.memory_bytes - host.headroom_bytes - fixed) * site.settings.host_share)


def _processors(site: Site, here: Sequence[str]) -> Mapping[str, Reason]:
    """Return why a service has fewer cores than its section says: a limit above the host's cores is refused."""
    found = {}
    for key in here:
        section, cores = site.sections[key], site.settings.hosts[site.placed[key]].cpus
        if isinstance(cores, float) and section.cpus > cores:
            where = section_path(site.settings, key)
            found[f"{where}.cpu_limit"] = Reason(
                cores,
                "min(cpus, cores of the host)",
                {f"{where}.cpus": section.cpus, f"hosts.{site.placed[key]}.cpus": cores},
                "the engine refuses a limit of more cores than there are",
            )
    return found


def _times(section: Service) -> int:
    return section.replicas if isinstance(section, Application | Llm) else 1
