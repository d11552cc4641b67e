"""The section of the vector database: PostgreSQL with pgvector."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Bytes, Section, Service, Share

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]


class VectorIndex(Section):
    """How vector columns are indexed: `hnsw` (m, ef_*) or `ivfflat` (lists, probes); distance by `metric`."""

    kind: Literal["hnsw", "ivfflat"]
    metric: Literal["cosine", "l2", "inner_product"]
    m: Annotated[int, Field(ge=2, le=100)]
    ef_construction: Annotated[int, Field(ge=4, le=1000)]
    ef_search: Annotated[int, Field(ge=1, le=1000)]
    lists: Annotated[int, Field(ge=1, le=32768)]
    probes: Annotated[int, Field(ge=1, le=32768)]


class VectorDb(Service):
    """PostgreSQL with its memory as shares of the container's limit."""

    database: Name
    user: Name
    max_connections: Annotated[int, Field(ge=10, le=5000)]
    shared_buffers_share: Share
    effective_cache_share: Share
    maintenance_share: Share
    work_mem: Bytes
    index: VectorIndex
