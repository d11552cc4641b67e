"""The section of the vector database: PostgreSQL with pgvector."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.settings.common import Bytes, Section, Service, Share


def _not_reserved(name: str) -> str:
    if name == "postgres" or name.startswith("pg_"):
        raise ValueError("a name that PostgreSQL does not keep for itself (postgres, pg_…)")
    return name


Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
User = Annotated[Name, AfterValidator(_not_reserved)]
Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$", examples=["embedding"])]


class VectorColumn(Section):
    """One column of type `vector` or `halfvec`."""

    table: Column
    column: Column


class VectorIndex(Section):
    """How vector columns are indexed: `hnsw` (m, ef_*) or `ivfflat` (lists, probes); distance by `metric`.

    Without `columns` every vector column of the database gets one, with them only these.
    """

    kind: Literal["hnsw", "ivfflat"]
    metric: Literal["cosine", "l2", "inner_product"]
    m: Annotated[int, Field(ge=2, le=100)]
    ef_construction: Annotated[int, Field(ge=4, le=1000)]
    ef_search: Annotated[int, Field(ge=1, le=1000)]
    lists: Annotated[int, Field(ge=1, le=32768)]
    probes: Annotated[int, Field(ge=1, le=32768)]
    columns: list[VectorColumn] | None


class VectorDb(Service):
    """PostgreSQL with its memory as shares of the container's limit."""

    database: Name
    user: User
    max_connections: Annotated[int, Field(ge=10, le=5000)]
    shared_buffers_share: Share
    effective_cache_share: Share
    maintenance_share: Share
    work_mem: Bytes
    reserve: Bytes
    index: VectorIndex
