"""The section of Elasticsearch, the search engine of the applications."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Bytes, Section, Service, Share


class Ulimits(Section):
    """Limits of the container's processes; null leaves the engine's own, where it may not set others."""

    memlock: Literal["unlimited"] | None
    nofile: Annotated[int, Field(ge=1024)] | None


class Elasticsearch(Service):
    """A single node; its heap is a share of the limit, and never so large that pointers grow."""

    heap_share: Annotated[Share, Field(le=0.5)]
    heap_ceiling: Bytes
    ulimits: Ulimits
