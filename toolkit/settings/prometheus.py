"""The section of Prometheus: what it looks at and how long it remembers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Address, Bytes, Port, Seconds, Section, Service, Share

AlertName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", examples=["disk_full"])]


class AlertRule(Section):
    """What is to be told: `metric` (a name, or any expression of PromQL) beyond `threshold` for `duration`."""

    metric: Annotated[str, Field(pattern=r"^\S[^\r\n]*$", max_length=2000)]
    operator: Literal[">", ">=", "<", "<=", "==", "!="]
    threshold: float
    duration: Seconds


class Prometheus(Service):
    """Scrapes the edge and the model servers; published on `address`:`port` only where a port is given.

    Its memory is in shares: Go's of the container's limit, and that of all queries together of Go's.
    """

    address: Address
    port: Port | None
    scrape_interval: Seconds
    retention_days: Annotated[int, Field(ge=1)]
    retention_size: Bytes
    go_memory_share: Share
    query_share: Share
    concurrent_queries: Annotated[int, Field(ge=1, le=64)]
    alerts: dict[AlertName, AlertRule | None]
