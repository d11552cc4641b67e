"""The section of the edge: where it listens, how long it waits, how much it carries."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from toolkit.settings.common import Port, Seconds, Section, Service


def _address(value: str) -> str:
    """Return the address as written: an address, never a name that DNS could turn elsewhere."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from None
    return value


class EdgeTimeouts(Section):
    """How long the edge waits for each step of a request."""

    connect: Seconds
    read: Seconds
    write: Seconds
    queue: Seconds


class Edge(Service):
    """HAProxy before the model servers."""

    address: Annotated[str, AfterValidator(_address)]
    port: Port
    max_connections: Annotated[int, Field(ge=16, le=65536)]
    timeouts: EdgeTimeouts
    check_interval: Seconds
