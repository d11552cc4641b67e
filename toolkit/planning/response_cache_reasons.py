"""Why nginx.conf has the figures that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.planning.plan import Reason
from toolkit.planning.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.planning.response_cache import ResponseCacheValues
    from toolkit.planning.site import Site

_C = "services.response_cache"
_EDGE = "services.edge"
_NGINX = "nginx's manual"


def response_cache_reasons(site: Site, values: ResponseCacheValues) -> dict[str, Reason]:
    """Return the reason of each value of nginx.conf by its key."""
    return {f"{_C}.{name}": r for name, r in (*_sizes(site, values), *_times(site, values))}


def _sizes(site: Site, values: ResponseCacheValues) -> Iterator[tuple[str, Reason]]:
    limit = "features.cache_memory_limit"
    size, cores = said(site.settings, limit), said(site.settings, f"{_C}.cpus")
    entries = said(site.settings, f"{_C}.entries")
    yield "workers", Reason(values.workers, "max(1, whole cores)", cores, f"{_NGINX}, worker_processes")
    yield (
        "connections",
        Reason(
            values.connections,
            "2 × max_connections of the edge + 64",
            said(site.settings, f"{_EDGE}.max_connections"),
            "each request has a connection from the edge and one back to it",
        ),
    )
    body = {f"{_EDGE}.body_limit": values.body_limit}
    yield (
        "body_limit",
        Reason(values.body_limit, "body_limit of the edge", body, "it lets no more pass", "bytes"),
    )
    keys = f"{_NGINX}, proxy_cache_path: 8000 keys fit into 1 MiB"
    yield "keys_mib", Reason(values.keys_mib, "entries ÷ 8000, at least 1", entries, keys, "MiB")
    part = "a sixteenth of the size is for what is kept for seconds only"
    yield "micro_mib", Reason(values.micro_mib, "cache_memory_limit ÷ 16, at least 1MiB", size, part, "MiB")
    rest = {**size, f"{_C}.micro_mib": values.micro_mib}
    yield "answers_mib", Reason(values.answers_mib, "cache_memory_limit − micro_mib", rest, part, "MiB")


def _times(site: Site, values: ResponseCacheValues) -> Iterator[tuple[str, Reason]]:
    ttl, whole = said(site.settings, f"{_C}.ttl"), f"{_NGINX}: it takes no parts of a second"
    micro = said(site.settings, f"{_C}.micro_ttl")
    yield "ttl_s", Reason(values.ttl_s, "ttl in whole seconds, at least 1", ttl, whole, "s")
    stale = "as long again an answer may stand in for a model that does not answer"
    yield "inactive_s", Reason(values.inactive_s, "2 × ttl", ttl, stale, "s")
    yield (
        "micro_ttl_s",
        Reason(values.micro_ttl_s, "micro_ttl in whole seconds, at least 1", micro, whole, "s"),
    )
    lock = "the same question waits for the first one's answer, but not as long as the slowest answer takes"
    yield "lock_s", Reason(values.lock_s, "fixed", {}, lock, "s")
    ask = round(values.ask_s * 1000)
    edge_ends = "the edge ends what takes too long, in its own words"
    yield (
        "ask_s",
        Reason(values.ask_s, "ask_ms of the edge in seconds", {f"{_EDGE}.ask_ms": ask}, edge_ends, "s"),
    )
