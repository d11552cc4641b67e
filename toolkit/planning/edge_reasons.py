"""Why the edge's configuration has the figures that it has: a Reason for each value that its templates are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.planning import edge as sums
from toolkit.planning.plan import Reason
from toolkit.planning.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.planning.edge import EdgeValues
    from toolkit.planning.edge_limits import RateValues
    from toolkit.planning.edge_pools import EdgePool
    from toolkit.planning.edge_routes import RouteValues
    from toolkit.planning.site import Site

_E = "services.edge"
_MANUAL = "HAProxy's configuration manual"
_OURS = "docs/adr/0003"
_MS = 1000


def edge_reasons(site: Site, values: EdgeValues) -> dict[str, Reason]:
    """Return the reasons of the values of haproxy.cfg by their keys, those of pools and routes by their names."""
    parts = [*_sizes(site, values), *_times(site, values), *_fixed(values), *_pools(site, values)]
    parts += [*_routes(site, values), *_limits(site, values), *_cache(site, values)]
    return {f"{_E}.{name}": reason for name, reason in parts}


def _sizes(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    lengths = {f"services.{key}.flags.max_model_len": site.context(key) for key in site.sized}
    yield (
        "body_limit",
        Reason(
            values.body_limit,
            f"max(64KiB, largest max_model_len × {sums.BYTES_PER_TOKEN} bytes)",
            lengths,
            "twelve bytes hold a token of nearly every script with its JSON escapes",
            "bytes",
        ),
    )
    yield (
        "bufsize",
        Reason(
            values.bufsize,
            "body_limit + 16KiB of headers + maxrewrite, up to a multiple of 16KiB",
            {f"{_E}.body_limit": values.body_limit, f"{_E}.maxrewrite": values.maxrewrite},
            f"{_MANUAL}, tune.bufsize: what does not fit is cut off without a word",
            "bytes",
        ),
    )
    yield (
        "max_passes",
        Reason(
            values.max_passes,
            "max_connections × (2, behind the cache 3) + 64 for checks, metrics and console",
            said(site.settings, f"{_E}.max_connections", "services.response_cache.enabled"),
            "a request is a connection of its client's and one to its pool, behind the cache one more",
        ),
    )
    yield (
        "threads",
        Reason(
            values.threads,
            "max(1, whole cores of the container)",
            said(site.settings, f"{_E}.cpus"),
            f"{_MANUAL}, nbthread: left alone it takes all cores of the host",
        ),
    )


def _times(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    for name in ("connect", "read", "write", "queue"):
        yield f"{name}_ms", _in_ms(site, getattr(values, f"{name}_ms"), f"{_E}.timeouts.{name}")
    waits = said(site.settings, *(f"{_E}.timeouts.{name}" for name in ("connect", "queue", "read")))
    yield (
        "pool_ms",
        Reason(
            values.pool_ms,
            "timeouts.connect + timeouts.queue + timeouts.read + again_ms",
            {**waits, f"{_E}.again_ms": values.again_ms},
            "what one pool may take at most until its answer begins",
            "ms",
        ),
    )
    own = {f"{_E}.pool_ms": values.pool_ms}
    yield (
        "ask_ms",
        Reason(values.ask_ms, "3 × pool_ms", own, "own pool, stand-in, own pool again", "ms"),
    )
    yield "check_interval_ms", _in_ms(site, values.check_interval_ms, f"{_E}.check_interval")
    yield (
        "check_timeout_ms",
        Reason(
            values.check_timeout_ms,
            "3 × check_interval",
            said(site.settings, f"{_E}.check_interval"),
            "a busy model server answers slowly: one late answer must not take it out",
            "ms",
        ),
    )


def _in_ms(site: Site, value: int, key: str) -> Reason:
    return Reason(
        value, f"{key.rpartition('.')[2]} in milliseconds", said(site.settings, key), "the profile", "ms"
    )


def _fixed(values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    """What is the same in every profile, because others sums or other programs count with it."""
    for name, unit, why in (
        ("maxrewrite", "bytes", f"{_MANUAL}, tune.maxrewrite: room for the headers that the edge adds"),
        ("again_ms", "ms", f"the last try waits for a server that is just coming back; {_OURS}"),
        ("request_ms", "ms", "a client has ten seconds to send its request: slow ones must not hold places"),
        ("stream_grace_ms", "ms", "after a reload running streams go on for ten minutes, no longer"),
        ("metrics_port", "", "where Prometheus looks; reached on the inference network only"),
    ):
        yield name, Reason(getattr(values, name), "fixed", {}, why, unit)


def _pools(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    for pool in values.pools:
        yield from ((f"pools.{pool.name}.{name}", reason) for name, reason in _pool(site, pool))


def _pool(site: Site, pool: EdgePool) -> Iterator[tuple[str, Reason]]:
    key = f"services.{pool.name.replace('-', '_')}"
    replicas = said(site.settings, f"{key}.replicas")
    yield "number", Reason(pool.number, "101, and one more for each pool before it", {}, "HAProxy's id of it")
    yield "siblings", Reason(pool.siblings, "replicas − 1", replicas, "how many others there are to try")
    yield "servers", Reason(_names(pool), "one for each replica, with its port", replicas, "docs/adr/0007")
    yield (
        "max_in_flight",
        Reason(
            pool.max_in_flight,
            "max_num_seqs of the server",
            {f"{key}.flags.max_num_seqs": pool.max_in_flight},
            "what a server takes at once; further requests wait at the edge, where they can go elsewhere",
        ),
    )


def _names(pool: EdgePool | RouteValues) -> str:
    return ", ".join(f"{one.name} at {one.host}:{one.port}" for one in pool.servers)


def _routes(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    for route in values.routes:
        yield from ((f"routes.{route.name}.{name}", reason) for name, reason in _route(site, route))


def _route(site: Site, route: RouteValues) -> Iterator[tuple[str, Reason]]:
    key = route.name.replace("-", "_")
    own = key if key in site.sections else next(k for k in site.sections if k.replace("_", "-") == route.name)
    where = f"own_services.{own}" if own in site.settings.own_services else f"services.{own}"
    replicas, every = said(site.settings, f"{where}.replicas"), f"{_E}.route_check_interval"
    there = "as many as `replicas`: the name's addresses here, ports on another host"
    yield "replicas", Reason(route.replicas, "replicas here; 1 on another host", replicas, "docs/adr/0007")
    yield "servers", Reason(_names(route), there, replicas, "docs/adr/0012")
    yield (
        "max_life_s",
        Reason(
            route.max_life_s,
            "sticky.max_life in seconds, 0 without a cookie",
            said(site.settings, f"{_E}.sticky.max_life", f"{_E}.sticky.enabled"),
            "the profile",
            "s",
        ),
    )
    yield "check_ms", _in_ms(site, route.check_ms, every)
    yield (
        "down_check_ms",
        Reason(
            route.down_check_ms,
            "route_check_interval ÷ 5",
            said(site.settings, every),
            "a server that is down is looked at five times as often, so that it is back soon",
            "ms",
        ),
    )


def _limits(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    if values.rate is None:
        return
    limit = f"{_E}.rate_limit"
    for name, reason in _rate(site, limit, values.rate):
        yield f"rate.{name}", reason


def _rate(site: Site, limit: str, rate: RateValues) -> Iterator[tuple[str, Reason]]:
    window = said(site.settings, f"{limit}.window")
    asked = said(site.settings, f"{limit}.requests")
    yield "requests", Reason(rate.requests, "rate_limit.requests", asked, "the profile")
    yield (
        "window_ms",
        Reason(rate.window_ms, "rate_limit.window in milliseconds", window, "the profile", "ms"),
    )
    forgotten = "what was counted has lost its weight after two windows"
    yield "expire_ms", Reason(rate.expire_ms, "2 × rate_limit.window", window, forgotten, "ms")
    slides = "HAProxy's rate slides: a sixth of the window already makes room"
    yield "retry_after_s", Reason(rate.retry_after_s, "rate_limit.window ÷ 6", window, slides, "s")


def _cache(site: Site, values: EdgeValues) -> Iterator[tuple[str, Reason]]:
    if values.cache is None:
        return
    changes = {f"services.{key}.model": getattr(site.settings.services, key).model for key in site.sized}
    stand_in = "what another model answered must not be kept as this one's"
    yield "cache.stand_in_s", Reason(values.cache.stand_in_s, "fixed", {}, stand_in, "s")
    yield (
        "cache.generation",
        Reason(
            values.cache.generation,
            "hash of models and flags",
            changes,
            "part of every key of the cache: after a change nobody gets a former model's answer",
        ),
    )
