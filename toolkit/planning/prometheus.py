"""Prometheus: what it looks at on its host, how long it remembers, and its memory from the container's limit."""

from __future__ import annotations

from toolkit.planning.edge import METRICS_PORT
from toolkit.planning.gate import PORT as VLLM_PORT
from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, Mount, PublishedPort, Reason, ServicePlan
from toolkit.planning.site import PUBLIC, Site, user_of
from toolkit.planning.vllm import replica_names
from toolkit.settings.prometheus import Prometheus
from toolkit.settings.vllm import Llm
from toolkit.units import MIB, config_size, format_seconds

PORT = 9090
_KEY = "services.prometheus"
_CONFIG_DIR = "/etc/prometheus"
_DATA_DIR = "/prometheus"
_LONGEST_SCRAPE_S = 10.0
_SAMPLE_BYTES = 16
# Filled in by Prometheus when an alert is raised: its service, where its expression leaves that label, and its value,
# in the notation of the threshold beside it.
_WHOSE = "{{ with $labels.service }}{{ . }}: {{ end }}"
_VALUE = '{{ printf "%.4g" $value }}'
# What is wanted where a rule tells of the other.
_OPPOSITES = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


def go_memory(section: Prometheus, limit_bytes: int) -> Reason:
    """Return GOMEMLIMIT in bytes, whole MiB: the part of the container's limit above which Go collects harder.

    The rest is for what Go does not count, such as mapped files
    (https://go.dev/doc/gc-guide#Suggested_uses; 0.9 is Prometheus' own `auto-gomemlimit.ratio`).
    """
    return Reason(
        value=int(limit_bytes * section.go_memory_share) // MIB * MIB,
        formula="memory_limit × go_memory_share",
        inputs={
            "services.prometheus.memory_limit": limit_bytes,
            "services.prometheus.go_memory_share": section.go_memory_share,
        },
        source="Go collects harder near GOMEMLIMIT; without it the kernel kills what was still to be collected "
        "(Go's GC guide; the ratio is that of Prometheus' auto-gomemlimit)",
        unit="bytes",
    )


def query_samples(section: Prometheus, limit_bytes: int) -> Reason:
    """Return how many samples one query may hold: its part of Go's memory, at 16 bytes each.

    Prometheus' own 50 million would be 800 MB
    (https://prometheus.io/docs/prometheus/latest/command-line/prometheus/).
    """
    memory_bytes = int(limit_bytes * section.go_memory_share * section.query_share)
    return Reason(
        value=memory_bytes // (_SAMPLE_BYTES * section.concurrent_queries),
        formula="memory_limit × go_memory_share × query_share ÷ concurrent_queries ÷ 16 bytes",
        inputs={
            "services.prometheus.memory_limit": limit_bytes,
            "services.prometheus.go_memory_share": section.go_memory_share,
            "services.prometheus.query_share": section.query_share,
            "services.prometheus.concurrent_queries": section.concurrent_queries,
        },
        source="a sample in memory is a time and a value, 8 bytes each; a query beyond is refused, not killed",
    )


def plan_prometheus(site: Site) -> ServicePlan:
    """Return the service `prometheus`: it looks at the edge and at the model servers of its own host."""
    section, limit_bytes = site.settings.services.prometheus, site.memory["prometheus"]
    pin = PINS["prometheus"]
    return ServicePlan(
        name="prometheus",
        fragment="prometheus",
        pin="prometheus",
        image=site.image(pin),
        user=str(user_of(site.settings.run_as, pin)),
        command=_argv(section, limit_bytes),
        environment={"GOMEMLIMIT": f"{go_memory(section, limit_bytes).value}B"},
        networks=("inference",) if section.port is None else ("inference", PUBLIC),
        ports=() if section.port is None else (PublishedPort(section.address, section.port, PORT),),
        mounts=(Mount("volume", "prometheus-data", _DATA_DIR, read_only=False),),
        config=ConfigFiles(_templates(section), _CONFIG_DIR, _values(section, site)),
        **site.leaves("prometheus"),
    )


def _argv(section: Prometheus, limit_bytes: int) -> tuple[str, ...]:
    return (
        f"--config.file={_CONFIG_DIR}/prometheus.yml",
        f"--storage.tsdb.path={_DATA_DIR}",
        f"--storage.tsdb.retention.time={section.retention_days}d",
        # Its `GB` are powers of 1024.
        f"--storage.tsdb.retention.size={config_size(section.retention_size).removesuffix('B')}B",
        f"--query.max-concurrency={section.concurrent_queries}",
        f"--query.max-samples={query_samples(section, limit_bytes).value}",
    )


def _scrape_timeout_s(section: Prometheus) -> float:
    """Prometheus refuses a look that may take longer than the time between two."""
    return min(_LONGEST_SCRAPE_S, section.scrape_interval)


def reasons(site: Site) -> dict[str, Reason]:
    """Return every derived value of prometheus.yml and of its argv by its key."""
    section, limit_bytes = site.settings.services.prometheus, site.memory["prometheus"]
    targets = _jobs(site)
    return {
        f"{_KEY}.go_memory": go_memory(section, limit_bytes),
        f"{_KEY}.query_samples": query_samples(section, limit_bytes),
        f"{_KEY}.scrape_timeout": Reason(
            value=_scrape_timeout_s(section),
            formula="min(10s, scrape_interval)",
            inputs={f"{_KEY}.scrape_interval": section.scrape_interval},
            source="Prometheus refuses a look that may take longer than the time between two",
            unit="s",
        ),
        f"{_KEY}.jobs": Reason(
            value=", ".join(f"{one['service']}:{one['port']}" for job in targets.values() for one in job),
            formula="the edge and the model servers of its own host, and itself",
            inputs={f"{_KEY}.host": site.placed["prometheus"]},
            source="it shares a network with these, and with nothing of another host",
        ),
    }


def _values(section: Prometheus, site: Site) -> dict[str, object]:
    return {
        "environment": site.settings.environment,
        "scrape_interval": format_seconds(section.scrape_interval),
        "scrape_timeout": format_seconds(_scrape_timeout_s(section)),
        "jobs": _jobs(site),
        "alerts": _alerts(section),
    }


def _templates(section: Prometheus) -> tuple[str, ...]:
    return ("prometheus/prometheus.yml.j2", *(("prometheus/alerts.yml.j2",) if _alerts(section) else ()))


def _alerts(section: Prometheus) -> list[dict[str, str]]:
    """Return the rules that are declared; a name whose rule is null is taken out of a layer below."""
    found = []
    for name, rule in section.alerts.items():
        if rule is None:
            continue
        title, wanted = name.replace("_", " "), f"{_OPPOSITES[rule.operator]} {rule.threshold:g}"
        found.append(
            {
                "name": name,
                "expression": f"({rule.metric}) {rule.operator} {rule.threshold:g}",
                "duration": format_seconds(rule.duration),
                "summary": f"{_WHOSE}{title}: {_VALUE}, wanted {wanted}",
            }
        )
    return found


def _jobs(site: Site) -> dict[str, list[dict[str, object]]]:
    here = site.placed["prometheus"]
    models: list[dict[str, object]] = [
        {"service": name, "port": VLLM_PORT}
        for key, one in site.sections.items()
        if isinstance(one, Llm) and site.placed[key] == here
        for name in replica_names(key, one)
    ]
    edge: list[dict[str, object]] = (
        [{"service": "edge", "port": METRICS_PORT}] if site.placed.get("edge") == here else []
    )
    jobs = {"edge": edge, "models": models, "prometheus": [{"service": "prometheus", "port": PORT}]}
    return {name: targets for name, targets in jobs.items() if targets}
