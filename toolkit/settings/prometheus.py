"""The section of Prometheus: what it looks at and how long it remembers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Address, Bytes, Port, Seconds, Service, Share


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
