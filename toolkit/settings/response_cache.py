"""The section of the response cache: nginx behind the edge."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Seconds, Service


class ResponseCache(Service):
    """Answers of deterministic requests, kept for `ttl`; its size is `features.cache_memory_limit`."""

    ttl: Seconds
    entries: Annotated[int, Field(ge=100)]
    micro_ttl: Seconds
