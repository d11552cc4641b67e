"""Applications: the user's images, with what they need to know of the stack as variables and secret files."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.planning import elasticsearch, mariadb, redis, vector_db
from toolkit.planning.plan import APP_KEY, Scratch, SecretFile, ServicePlan
from toolkit.planning.site import Site, service_name
from toolkit.settings.application import Application
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm
from toolkit.units import MIB

_EDGE_PORT = 8080


def plan_application(key: str, section: Application, site: Site) -> ServicePlan:
    """Return one application; without an image it is reserved: its place is kept, nothing is rendered."""
    name = service_name(key)
    used = tuple(one for one in section.uses if one in site.sections)
    return ServicePlan(
        name=name,
        fragment=section.fragment or "application",
        pin="",
        image=section.image or "",
        user=f"{section.uid}:{section.gid}",
        command=tuple(section.command),
        environment=_environment(key, section, site, used),
        networks=site.networks(key, *_networks(section, used)),
        ports=site.private_ports(key, section.port, section.port, section.replicas),
        scratch=(Scratch("/tmp", 64 * MIB),),  # noqa: S108 - in the container
        secrets=tuple(_secret(name, section, target, source) for target, source in _secrets(used)),
        replicas=section.replicas,
        on_demand=section.on_demand,
        reserved=section.image is None,
        awaited=bool(section.health_command),
        health_command=tuple(section.health_command),
        **site.leaves(key),
    )


def _networks(section: Application, used: tuple[str, ...]) -> tuple[str, ...]:
    """The way out is a network of its own: who may go out takes nobody else along."""
    data = ("data",) if any(one != "edge" for one in used) else ()
    out = ("outbound",) if section.outbound else ()
    return ("apps", *data, *out) if section.route or "edge" in used or not data else (*data, *out)


def _secret(name: str, section: Application, target: str, source: str) -> SecretFile:
    return SecretFile(f"{name}.{target}", section.uid, section.gid, target=target, copy_of=source)


def _secrets(used: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what is mounted under which name, and the secret or API key that it is a copy of."""
    known = {
        "edge": ("llm-api-key", f"key:{APP_KEY}"),
        "mariadb": ("mariadb-password", "mariadb-password"),
        "redis": ("redis-password", "redis-app-password"),
        "vector_db": ("vector-db-password", "vector-db-password"),
        "elasticsearch": ("elasticsearch-password", "elasticsearch-password"),
    }
    return [known[one] for one in used if one in known]


def _environment(key: str, section: Application, site: Site, used: tuple[str, ...]) -> Mapping[str, str]:
    found = {**_features(site.settings), **_caching(site.settings), **_sizes(site.settings)}
    for one in used:
        found |= _connection(key, one, site)
    return {**found, **section.environment}


def _connection(key: str, used: str, site: Site) -> dict[str, str]:
    services = site.settings.services
    if used == "edge":
        host, port = site.reach(key, "edge", _EDGE_PORT, services.edge.port)
        tls = services.edge.tls
        # On its own host over the networks inside, in the clear.
        over_tls = site.placed[key] != site.placed["edge"] and (
            tls.self_signed or tls.certificate is not None
        )
        return {
            "OPENAI_BASE_URL": f"{'https' if over_tls else 'http'}://{host}:{port}/v1",
            "OPENAI_API_KEY_FILE": "/run/secrets/llm-api-key",
            **{f"{name.upper()}_MODEL": one.served_name for name, one in _models(site).items()},
        }
    if used == "elasticsearch":
        host, port = site.reach(key, used, elasticsearch.PORT, elasticsearch.PORT)
        return {
            "ELASTICSEARCH_URL": f"http://{host}:{port}",
            "ELASTICSEARCH_USER": elasticsearch.USER,
            "ELASTICSEARCH_PASSWORD_FILE": "/run/secrets/elasticsearch-password",
        }
    ports = {"mariadb": mariadb.PORT, "redis": redis.PORT, "vector_db": vector_db.PORT}
    host, port = site.reach(key, used, ports[used], ports[used])
    found = {f"{used.upper()}_HOST": host, f"{used.upper()}_PORT": str(port)}
    found[f"{used.upper()}_PASSWORD_FILE"] = f"/run/secrets/{service_name(used)}-password"
    if used == "redis":
        return {**found, "REDIS_USER": "app"}
    section = services.mariadb if used == "mariadb" else services.vector_db
    return {**found, f"{used.upper()}_DATABASE": section.database, f"{used.upper()}_USER": section.user}


def _models(site: Site) -> dict[str, Llm]:
    return {key: section for key, section in site.sections.items() if isinstance(section, Llm)}


def _features(settings: Settings) -> dict[str, str]:
    features, services = settings.features, settings.services
    return {
        "ENVIRONMENT": settings.environment,
        "FAST_STARTUP": _word(features.fast_startup),
        "LAZY_LOADING_ENABLED": _word(features.lazy_loading),
        "PRELOAD_MODELS": _word(features.preload_models),
        "CACHE_MEMORY_LIMIT_MB": str(features.cache_memory_limit // MIB),
        "PRELOAD_MAX_CONCURRENT": str(features.preload_max_concurrent),
        "ENABLE_INTELLIGENT_CACHE": _word(services.response_cache.enabled),
        "ENABLE_BACKGROUND_PRELOADING": _word(features.background_preloading),
        "ENABLE_PERFORMANCE_MONITORING": _word(services.prometheus.enabled),
        "AUTO_TUNING_ENABLED": _word(features.auto_tuning),
    }


def _caching(settings: Settings) -> dict[str, str]:
    cache = settings.application_cache
    rules = {"EMBEDDINGS": cache.embeddings, "API": cache.api, "SESSIONS": cache.sessions}
    return {
        "CACHE_REDIS_TTL_SECONDS": str(int(cache.redis_ttl)),
        "CACHE_QUERY_TTL_SECONDS": str(int(cache.query_ttl)),
        "CACHE_HIT_RATE_TARGET": f"{cache.hit_rate:g}",
        "CACHE_HIT_RATE_GOOD": f"{cache.hit_rate_good:g}",
        "CACHE_MEMORY_SHARE": f"{cache.memory_share:g}",
        **{f"CACHE_{name}_TTL_SECONDS": str(int(rule.ttl)) for name, rule in rules.items()},
        **{f"CACHE_{name}_MAX_ENTRIES": str(rule.entries) for name, rule in rules.items()},
    }


def _sizes(settings: Settings) -> dict[str, str]:
    pool, workers = settings.pool, settings.workers
    return {
        "DB_POOL_SIZE": str(pool.size),
        "DB_POOL_MAX_SIZE": str(pool.max_size),
        "DB_POOL_USE_LOW": f"{pool.use_low:g}",
        "DB_POOL_USE_HIGH": f"{pool.use_high:g}",
        "WORKERS": str(workers.count),
        "WORKERS_MAX": str(workers.max_count),
        "BATCH_SIZE": str(workers.batch_size),
        "MAX_CONCURRENT_BATCHES": str(workers.max_batches),
        "QUEUE_SIZE": str(workers.queue),
    }


def _word(value: bool) -> str:
    return "true" if value else "false"
