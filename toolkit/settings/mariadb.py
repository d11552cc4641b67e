"""The section of MariaDB."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Bytes, Seconds, Service, Share

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Mariadb(Service):
    """MariaDB with its buffer pool as a share of the container's limit."""

    database: Name
    user: Name
    buffer_pool_share: Share
    reserve: Bytes
    log_file_size: Bytes
    log_buffer_size: Bytes
    max_connections: Annotated[int, Field(ge=10, le=100000)]
    thread_cache_size: Annotated[int, Field(ge=0, le=16384)]
    slow_query_after: Seconds
