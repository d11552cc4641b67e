"""The section of the edge: where it listens, how long it waits, how much it carries."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Address, Port, Seconds, Section, Service


class EdgeTimeouts(Section):
    """How long the edge waits for each step of a request."""

    connect: Seconds
    read: Seconds
    write: Seconds
    queue: Seconds


class RateLimit(Section):
    """How many requests one API key may make in a window of time; null for no limit."""

    requests: Annotated[int, Field(ge=1)] | None
    window: Seconds


class Tls(Section):
    """How the edge is asked over TLS: with a certificate and its key, files in PEM, or with a self-signed one.

    Paths are absolute or relative to `toolkit.yaml`. Without any of it the edge is asked in the clear.
    """

    certificate: str | None
    key: str | None
    self_signed: bool


class Sticky(Section):
    """The cookie that keeps a user at one replica of an application."""

    enabled: bool
    cookie: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
    max_life: Seconds


class Edge(Service):
    """HAProxy before the model servers and the applications that ask for a route."""

    address: Address
    port: Port
    max_connections: Annotated[int, Field(ge=16, le=65536)]
    timeouts: EdgeTimeouts
    check_interval: Seconds
    route_check_interval: Seconds
    sticky: Sticky
    rate_limit: RateLimit
    tls: Tls
