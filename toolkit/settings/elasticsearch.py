"""The section of Elasticsearch, the search engine of the applications."""

from __future__ import annotations

from toolkit.settings.common import Bytes, Service, Share


class Elasticsearch(Service):
    """A single node; its heap is a share of the limit, and never so large that pointers grow."""

    heap_share: Share
    heap_ceiling: Bytes
