"""The section of MariaDB."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Bytes, Seconds, Section, Service, Share

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", examples=["session_id"])]


class TableIndex(Section):
    """An index of one table: `btree` for equality, ranges and order, `fulltext` for words."""

    table: Identifier
    columns: Annotated[list[Identifier], Field(min_length=1, max_length=16)]
    kind: Literal["btree", "fulltext"]


class Mariadb(Service):
    """MariaDB with its buffer pool as a share of the container's limit."""

    database: Name
    user: Name
    buffer_pool_share: Share
    reserve: Bytes
    log_file_size: Bytes
    log_buffer_size: Bytes
    tmp_table_size: Bytes
    sort_buffer_size: Bytes
    join_buffer_size: Bytes
    read_buffer_size: Bytes
    read_rnd_buffer_size: Bytes
    thread_stack: Bytes
    max_connections: Annotated[int, Field(ge=10, le=100000)]
    thread_cache_size: Annotated[int, Field(ge=0, le=16384)]
    slow_query_after: Seconds
    indexes: dict[Identifier, TableIndex | None]
