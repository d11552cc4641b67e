"""What every section shares: strictness, amounts with units, and the leaves that all services have."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from toolkit.units import format_bytes, format_seconds, parse_bytes, parse_seconds

_SMALLEST = 1024
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")


class Section(BaseModel):
    """A frozen mapping that refuses unknown keys and silent conversions."""

    # Deferred: only the root is ever validated by itself, and it builds what is below it anyway.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def _bytes(value: object) -> object:
    return parse_bytes(value) if isinstance(value, str) else _refuse_bare("512MiB")


def _memory(value: object) -> object:
    text = value.strip() if isinstance(value, str) else ""
    match = _PERCENT.fullmatch(text)
    if match:
        return _share(float(match[1]))
    return _amount(text) if text else _refuse_bare("2GiB or 12.5%")


def _amount(text: str) -> int:
    amount = parse_bytes(text)
    if amount < _SMALLEST:
        raise ValueError("an amount of memory of at least 1KiB")
    return amount


def _share(percent: float) -> float:
    if not 0 < percent <= 100:
        raise ValueError("a share of the host above 0% and at most 100%")
    return round(percent / 100, 6)


def _format_memory(value: int | float) -> str:
    return f"{value * 100:g}%" if isinstance(value, float) else format_bytes(value)


def _seconds(value: object) -> object:
    return parse_seconds(value) if isinstance(value, str) else _refuse_bare("30s")


def _refuse_bare(example: str) -> NoReturn:
    raise ValueError(f"an amount with its unit, such as {example}")


def _address(value: str) -> str:
    """Return the address as written: an address, never a name that DNS could turn elsewhere."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from None
    return value


Bytes = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(ge=_SMALLEST),
    PlainSerializer(format_bytes),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*\d+(\.\d+)?\s*([KMGTkmgt]([Ii]?[Bb])?|[Bb])\s*$",
            "examples": ["512MiB"],
        }
    ),
]
Memory = Annotated[
    int | float,
    BeforeValidator(_memory),
    PlainSerializer(_format_memory),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*\d+(\.\d+)?\s*([KMGTkmgt]([Ii]?[Bb])?|[Bb]|%)\s*$",
            "examples": ["2GiB", "12.5%"],
        }
    ),
]
"""Bytes (int), or a share of what the host has to give (float, above 0 and at most 1)."""
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(ge=0.001),
    PlainSerializer(format_seconds),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|m|h)\s*$", "examples": ["30s"]}),
]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65535)]
Share = Annotated[float, Field(gt=0, le=1)]
Auto = Literal["auto"]


class Health(Section):
    """Timings of a container's health check; what it runs belongs to the service's fragment."""

    interval: Seconds
    timeout: Seconds
    retries: Annotated[int, Field(ge=1)]
    start_period: Seconds


class Service(Section):
    """The leaves that every service has.

    `host` is a name of `hosts`, null where there is only one. A memory given as a share is never planned under
    `memory_floor` nor over `memory_ceiling`; a fixed amount is taken as it is.
    """

    enabled: bool
    host: str | None
    memory: Memory
    memory_floor: Bytes
    memory_ceiling: Bytes | None
    cpus: Annotated[float, Field(gt=0)]
    pids: Annotated[int, Field(ge=16)]
    health: Health
