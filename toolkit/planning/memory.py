"""How the memory of a host is divided: fixed amounts first, then shares of what is left, within floor and ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.errors import Problem, UsageError
from toolkit.units import MIB, format_bytes
from toolkit.values import Value


class Demand(Value):
    """What one service asks of its host: bytes (int) or a share (float); `times` for equal replicas."""

    service: str
    amount: int | float
    floor_bytes: int
    ceiling_bytes: int | None
    times: int = 1


class HostMemory(Value):
    """Bytes of one host, and what of them is kept for system and engine."""

    host: str
    total_bytes: int
    headroom_bytes: int

    @property
    def plannable_bytes(self) -> int:
        """What services may be promised together."""
        return self.total_bytes - self.headroom_bytes


def headroom_bytes(total_bytes: int, share: float, floor_bytes: int, ceiling_bytes: int) -> int:
    """Return what system and engine keep: a share of the host within bounds, in whole MiB."""
    return min(max(int(total_bytes * share), floor_bytes), ceiling_bytes) // MIB * MIB


def allocate(host: HostMemory, demands: Sequence[Demand], host_share: float) -> dict[str, int]:
    """Return the bytes of each service (of one replica), in whole MiB for shares.

    A share is one of what the fixed amounts leave, scaled by `host_share`, the part of a host that the environment
    plans with. Floors hold whatever the share comes to. Raises UsageError with the sum as a table where all together
    exceed what the host can give.
    """
    fixed = sum(d.amount * d.times for d in demands if isinstance(d.amount, int))
    left = max(0, host.plannable_bytes - fixed) * host_share
    given = {d.service: _one(d, left) for d in demands}
    if sum(given[d.service] * d.times for d in demands) > host.plannable_bytes:
        raise UsageError(_too_much(host, demands, given))
    return given


def _one(demand: Demand, left: float) -> int:
    if isinstance(demand.amount, int):
        return demand.amount
    amount = max(int(demand.amount * left / demand.times), demand.floor_bytes)
    return (amount if demand.ceiling_bytes is None else min(amount, demand.ceiling_bytes)) // MIB * MIB


def _too_much(host: HostMemory, demands: Sequence[Demand], given: Mapping[str, int]) -> Problem:
    total = sum(given[d.service] * d.times for d in demands)
    over = format_bytes(-(-(total - host.plannable_bytes) // MIB) * MIB)
    return Problem(
        where=f"hosts.{host.host}",
        what=f"its services are promised {over} more than it can give",
        got=_table(host, demands, given),
        next_step=_proposal(host, demands, given),
    )


def _table(host: HostMemory, demands: Sequence[Demand], given: Mapping[str, int]) -> str:
    rows = [(d.service, given[d.service] * d.times, _why(d)) for d in demands]
    rows = sorted(rows, key=lambda row: -row[1])
    rows += [
        ("together", sum(row[1] for row in rows), ""),
        ("the host", host.total_bytes, f"less {format_bytes(host.headroom_bytes)} for system and engine"),
    ]
    return "\n".join(f"{name:16} {_gib(amount):>10}  {why}".rstrip() for name, amount, why in rows)


def _why(demand: Demand) -> str:
    times = f", {demand.times} replicas" if demand.times > 1 else ""
    if isinstance(demand.amount, int):
        return f"fixed{times}"
    return f"{demand.amount:.1%} of the host, at least {format_bytes(demand.floor_bytes)}{times}"


def _gib(amount: int) -> str:
    return f"{amount / (1024 * MIB):.1f} GiB"


def _proposal(host: HostMemory, demands: Sequence[Demand], given: Mapping[str, int]) -> str:
    """Return lines for toolkit.yaml that fit: every amount cut by the same part, so that the ratios stay.

    None goes under its floor. Where even the floors exceed the host, nothing can be proposed but another host.
    """
    cut = _cut(host, demands, given)
    if cut is None:
        least = format_bytes(sum(d.floor_bytes * d.times for d in demands))
        return f"turn a service off, or move one to another host: together they need {least} at least"
    lines = [f"  {d.service.replace('-', '_')}: {{memory: {format_bytes(cut[d.service])}}}" for d in demands]
    return "\n".join(["these fit, in the same ratios; in toolkit.yaml:", "services:", *lines])


def _cut(host: HostMemory, demands: Sequence[Demand], given: Mapping[str, int]) -> dict[str, int] | None:
    """Return amounts that fit: those that a common cut would bring under their floor stay there, the others give."""
    at_floor: dict[str, int] = {}
    while rest := [d for d in demands if d.service not in at_floor]:
        room = host.plannable_bytes - sum(at_floor[d.service] * d.times for d in demands if d not in rest)
        asked = sum(given[d.service] * d.times for d in rest)
        cut = {d.service: max(0, given[d.service] * room // asked) // MIB * MIB for d in rest}
        small = {d.service: d.floor_bytes for d in rest if cut[d.service] < d.floor_bytes}
        if not small:
            return {**at_floor, **cut}
        at_floor |= small
    fits = sum(at_floor[d.service] * d.times for d in demands) <= host.plannable_bytes
    return at_floor if fits else None
