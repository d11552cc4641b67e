"""The section of Redis, which is a cache: losing it loses no data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Seconds, Service, Share


class Redis(Service):
    """Redis with its memory as shares of the container's limit."""

    maxmemory_share: Share
    maxmemory_share_persistent: Share
    maxmemory_policy: Literal["allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-ttl", "noeviction"]
    persistence: bool
    max_clients: Annotated[int, Field(ge=16, le=20000)]
    idle_timeout: Seconds
