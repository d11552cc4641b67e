"""A plan as JSON that others read: additions only, versioned by `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import HostPlan, Plan, Reason, ServicePlan

SCHEMA = 1


def plan_json(plan: Plan, origins: Mapping[str, str]) -> dict[str, Any]:
    """Return the plan as plain values; `origins` gives for each setting the line or flag that said it."""
    return {
        "schema": SCHEMA,
        "environment": plan.environment,
        "project": plan.project,
        "hosts": [_host(host) for host in plan.hosts],
        "services": [_service(service) for service in (*plan.services, *plan.reserved)],
        "start_order": [list(wave) for wave in plan.start_order],
        "reasons": {key: reason_json(reason, origins) for key, reason in plan.reasons.items()},
        "warnings": [warning.as_json() for warning in plan.warnings],
    }


def reason_json(reason: Reason, origins: Mapping[str, str]) -> dict[str, Any]:
    """Return one reason; an input that a layer said has its `origin`, file and line, others have an empty one."""
    return {
        "value": reason.value,
        "unit": reason.unit,
        "formula": reason.formula,
        "inputs": [
            {"key": key, "value": value, "origin": origins.get(key, "")}
            for key, value in reason.inputs.items()
        ],
        "source": reason.source,
    }


def _host(host: HostPlan) -> dict[str, Any]:
    return {
        "name": host.name,
        "memory_mib": host.memory_bytes // MIB,
        "gpus": [
            {"index": c.index, "uuid": c.uuid, "name": c.name, "vram_mib": c.memory_bytes // MIB}
            for c in host.cards
        ],
        "headroom_mib": host.headroom_bytes // MIB,
        "planned_mib": host.planned_bytes // MIB,
        "spare_mib": host.free_bytes // MIB,
        "cpus": host.cpus,
    }


def _service(service: ServicePlan) -> dict[str, Any]:
    return {
        "name": service.name,
        "host": service.host,
        "memory_mib": service.memory_bytes // MIB,
        "cpus": service.cpus,
        "gpus": [pin.index for pin in service.gpus],
        "image": service.image,
        "command": list(service.command),
        "on_demand": service.on_demand,
        "replicas": service.replicas,
        "gpu_shares": [pin.share for pin in service.gpus],
        "reserved": service.reserved,
    }
