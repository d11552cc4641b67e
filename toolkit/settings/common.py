"""What every section shares: strictness, amounts with units, and the leaves that all services have."""

from __future__ import annotations

from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from toolkit.units import format_bytes, format_seconds, parse_bytes, parse_seconds


class Section(BaseModel):
    """A frozen mapping that refuses unknown keys and silent conversions."""

    # Deferred: only the root is ever validated by itself, and it builds what is below it anyway.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def _bytes(value: object) -> object:
    return parse_bytes(value) if isinstance(value, str) else _refuse_bare("512MiB")


def _seconds(value: object) -> object:
    return parse_seconds(value) if isinstance(value, str) else _refuse_bare("30s")


def _refuse_bare(example: str) -> NoReturn:
    raise ValueError(f"an amount with its unit, such as {example}")


Bytes = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(ge=1024),
    PlainSerializer(format_bytes),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*\d+(\.\d+)?\s*([KMGTkmgt]([Ii]?[Bb])?|[Bb])\s*$",
            "examples": ["512MiB"],
        }
    ),
]
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(ge=0.001),
    PlainSerializer(format_seconds),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|m|h)\s*$", "examples": ["30s"]}),
]
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
    """The leaves that every service has."""

    enabled: bool
    memory: Bytes
    cpus: Annotated[float, Field(gt=0)]
    pids: Annotated[int, Field(ge=16)]
    health: Health
