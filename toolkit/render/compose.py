"""Plan → the Compose file: what the plan owns of each service, and the project around them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.planning.plan import (
    HealthTimings,
    Mount,
    Plan,
    PublishedPort,
    Scratch,
    SecretFile,
    ServicePlan,
)
from toolkit.render.bundle import HASH_LABEL
from toolkit.units import config_size, format_seconds
from toolkit.values import replace

ON_DEMAND = "on-demand"
STATE = ".toolkit"
# `internal` alone leaves a way to every port that the host itself listens on: its address in that network.
_INTERNAL = {"internal": True, "driver_opts": {"com.docker.network.bridge.inhibit_ipv4": "true"}}


def planned_leaves(plan: Plan, service: ServicePlan, config_sources: Sequence[str]) -> dict[str, Any]:
    """Return the leaves of a Compose service that the plan owns; empty ones are left out.

    `config_sources` are the directories of the rendered configuration, relative to the bundle, one for each of
    `service.config_files`.
    """
    leaves: dict[str, Any] = {
        "image": service.image,
        "user": service.user,
        "entrypoint": list(service.entrypoint),
        "command": list(service.command),
        "environment": dict(sorted(service.environment.items())),
        "shm_size": None if service.shm_bytes is None else config_size(service.shm_bytes).lower(),
        "ulimits": dict(service.ulimits),
        "networks": list(service.networks),
        "ports": [_port(p) for p in service.ports],
        "tmpfs": [_scratch(service.user, scratch) for scratch in service.scratch],
        "volumes": _volumes(plan, service, config_sources),
        "secrets": [_secret(secret) for secret in service.secrets],
        "healthcheck": _health(service),
        "pids_limit": service.pids,
        "mem_limit": config_size(service.memory_bytes).lower(),
        # Swap would turn an honest out-of-memory kill into minutes of thrashing.
        "memswap_limit": config_size(service.memory_bytes).lower(),
        "cpus": service.cpus,
        "scale": service.replicas if service.replicas > 1 else None,
        "profiles": [ON_DEMAND] if service.on_demand else [],
        "deploy": _cards(service),
        "logging": {
            "driver": "json-file",
            "options": {
                "max-size": config_size(plan.logs.max_bytes).lower(),
                "max-file": str(plan.logs.max_files),
            },
        },
    }
    return {key: _literal(value) for key, value in leaves.items() if value not in (None, [], {})}


def _port(port: PublishedPort) -> str:
    last = port.host_port + port.count - 1
    host_ports = f"{port.host_port}-{last}" if port.count > 1 else f"{port.host_port}"
    return f"{_host(port.host_ip)}:{host_ports}:{port.container_port}"


def _secret(secret: SecretFile) -> str | dict[str, str]:
    return {"source": secret.name, "target": secret.target} if secret.target else secret.name


def _cards(service: ServicePlan) -> dict[str, Any]:
    if not service.gpus:
        return {}
    # `gpus:` needs a newer Compose; by UUID where it is known, since an index can change with the next card.
    device = {
        "driver": "nvidia",
        "device_ids": [pin.device_id for pin in service.gpus],
        "capabilities": ["gpu"],
    }
    return {"resources": {"reservations": {"devices": [device]}}}


def _literal(value: Any) -> Any:
    """Return `value` with every `$` doubled: what a profile says is meant as it stands, not as a variable."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list):
        return [_literal(item) for item in value]
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    return value


def _scratch(user: str, scratch: Scratch) -> str:
    uid, gid = user.split(":")
    return f"{scratch.target}:uid={uid},gid={gid},mode=0700,size={scratch.size_bytes // 1024}k"


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _health(service: ServicePlan) -> dict[str, Any]:
    test = {"test": ["CMD", *service.health_command]} if service.health_command else {}
    return {**test, **_timings(service.health)}


def _timings(health: HealthTimings) -> dict[str, Any]:
    timings: dict[str, Any] = {
        "interval": format_seconds(health.interval_s),
        "timeout": format_seconds(health.timeout_s),
        "retries": health.retries,
        "start_period": format_seconds(health.start_period_s),
    }
    if health.start_interval_s is not None:
        timings["start_interval"] = format_seconds(health.start_interval_s)
    return timings


def _volumes(plan: Plan, service: ServicePlan, config_sources: Sequence[str]) -> list[dict[str, Any]]:
    mounts = [_from_bundle(mount, plan) for mount in service.mounts]
    for config, source in zip(service.config_files, config_sources, strict=True):
        mounts.append(Mount("bind", source, config.target, read_only=True))
    if service.digest_file is not None:
        source = f"{_state(plan)}/{service.digest_file.directory}"
        mounts.append(Mount("bind", source, service.digest_file.target, read_only=True))
    return [_volume(mount, plan) for mount in mounts]


def _from_bundle(mount: Mount, plan: Plan) -> Mount:
    """Compose takes a relative path from where its file is."""
    if mount.kind == "volume" or mount.source.startswith("/"):
        return mount
    return replace(mount, source=f"{plan.project_directory}/{mount.source}")


def _state(plan: Plan) -> str:
    return f"{plan.project_directory}/{STATE}/{plan.environment}"


def _volume(mount: Mount, plan: Plan) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": mount.kind, "source": mount.source, "target": mount.target}
    if mount.read_only:
        entry["read_only"] = True
    if mount.kind == "bind":
        # Otherwise a missing source silently becomes an empty directory, owned by root.
        entry["bind"] = {"create_host_path": False}
    elif any(mount.source == owned.name for owned in plan.owned_volumes):
        # The engine gives an empty volume the owner that the image has there, each time until something is in it.
        entry["volume"] = {"nocopy": True}
    return entry


def _named_volumes(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the volumes of a service, as the plan writes them or as a fragment of the user may."""
    for entry in body.get("volumes", ()):
        if isinstance(entry, str) and ":" in entry and entry[0] not in "./~$":
            yield entry.partition(":")[0]
        elif isinstance(entry, Mapping) and entry.get("type") == "volume" and "source" in entry:
            yield str(entry["source"])


def _in_memory(size_bytes: int) -> dict[str, Any]:
    # Each container has a user of its own there, and may remove only what is its own.
    options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size_bytes // 1024}k,mode=1777"}
    return {"driver_opts": options}


def project(
    plan: Plan, services: Mapping[str, Mapping[str, Any]], definitions: Mapping[str, str]
) -> dict[str, Any]:
    """Return the whole Compose file; each service carries its definition's hash as a label."""
    volumes = sorted({name for body in services.values() for name in _named_volumes(body)})
    in_memory = {
        m.source: _in_memory(m.memory_bytes) for s in plan.services for m in s.mounts if m.memory_bytes
    }
    secrets = {s.name: {"file": f"{_state(plan)}/secrets/{s.name}"} for p in plan.services for s in p.secrets}
    whole: dict[str, Any] = {
        "name": plan.project,
        "services": {
            name: {**body, "labels": {**body.get("labels", {}), HASH_LABEL: definitions[name]}}
            for name, body in services.items()
        },
        "networks": {name: _INTERNAL if internal else {} for name, internal in plan.networks.items()},
        "volumes": {name: in_memory.get(name, {}) for name in volumes},
        "secrets": secrets,
    }
    return {key: value for key, value in whole.items() if value}


def service_hash(body: Mapping[str, Any]) -> str:
    """Return the first 16 hex digits of the sha256 over the service's canonical JSON.

    Compose compares services, not the content of what they mount. Paths of rendered files carry the hash of
    their content, so this one hash covers both, and whoever looks compares one label.
    """
    # How many containers there are is seen by counting them: none has to go for that.
    defined = {key: value for key, value in body.items() if key != "scale"}
    return hashlib.sha256(json.dumps(defined, sort_keys=True).encode()).hexdigest()[:16]
