"""What a stack needs of each host's disk, as far as it can be told: images, models, logs, and what has a bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.errors import Problem, UsageError
from toolkit.planning.image_sizes import image_bytes
from toolkit.planning.plan import HostPlan, Reason
from toolkit.planning.plan_service import ServicePlan
from toolkit.planning.site import Site
from toolkit.settings.vllm import Llm
from toolkit.units import about_gib, format_bytes


def disk_reasons(site: Site, hosts: Sequence[HostPlan], services: Sequence[ServicePlan]) -> dict[str, Reason]:
    """Return what each host's disk has to hold, by `hosts.NAME.disk_needed`.

    What applications and users write is theirs, and in no sum. Raises UsageError where a disk whose size is known is
    too small.
    """
    by_host: dict[str, list[ServicePlan]] = {host.name: [] for host in hosts}
    for service in services:
        by_host[service.host].append(service)
    found = {f"hosts.{name}.disk_needed": _needed(site, here) for name, here in by_host.items()}
    problems = [
        _too_small(name, said, reason)
        for name, reason in ((host.name, found[f"hosts.{host.name}.disk_needed"]) for host in hosts)
        if (said := site.settings.hosts[name].disk) is not None and _value(reason) > said
    ]
    if problems:
        raise UsageError(*problems)
    return found


def _needed(site: Site, here: Sequence[ServicePlan]) -> Reason:
    logs, settings = site.settings.logs, site.settings.services
    keys = {service.part_of for service in here}
    parts = {
        "images": sum({s.image: image_bytes(s.pin, site.source) or 0 for s in here}.values()),
        "models": sum(_weights(site, keys).values()),
        "logs": logs.max_size * logs.max_files * sum(s.replicas for s in here),
        **({"services.mariadb.log_file_size": settings.mariadb.log_file_size} if "mariadb" in keys else {}),
        **(
            {"features.cache_memory_limit": site.settings.features.cache_memory_limit}
            if "edge" in keys
            else {}
        ),
        **(
            {"services.prometheus.retention_size": settings.prometheus.retention_size}
            if "prometheus" in keys
            else {}
        ),
    }
    return Reason(
        value=sum(parts.values()),
        formula="images + models + logs + redo log + response cache + kept metrics",
        inputs=parts,
        source="sizes of the images as docker shows them; weights of the catalogue; the bounds of the profile",
        unit="bytes",
    )


def _weights(site: Site, keys: set[str]) -> Mapping[str, int]:
    """Return the bytes of each model that servers of these sections download, once."""
    models = {s.model for key in keys if isinstance(s := site.sections[key], Llm)}
    known = {name: site.settings.models[name] for name in models}
    return {
        name: model.facts.weights
        for name, model in known.items()
        if model.facts is not None and model.source.startswith("hf:")
    }


def _too_small(name: str, said: int, reason: Reason) -> Problem:
    rows = [
        f"{part:34} {about_gib(amount):>10}"
        for part, amount in reason.inputs.items()
        if isinstance(amount, int)
    ]
    rows += [f"{'together':34} {about_gib(_value(reason)):>10}", f"{'the disk':34} {about_gib(said):>10}"]
    return Problem(
        where=f"hosts.{name}.disk",
        what="images, models and logs alone need more than it has",
        got="\n".join(rows),
        next_step=f"write what it has, hosts.{name}.disk: {format_bytes(_value(reason))} at least, or smaller models",
    )


def _value(reason: Reason) -> int:
    return int(str(reason.value))
