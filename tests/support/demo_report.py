"""A report with something of everything: findings of each kind, figures over time with gaps, and what changed."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from toolkit.checking import Change, Confidence, Finding, Status
from toolkit.comparison import compare
from toolkit.facts import Series
from toolkit.report import Report
from toolkit.values import replace

SECONDS = 60
HOSTILE = (
    '</style></svg><script>document.title="taken"</script><img src=x onerror="document.title=\'taken\'">'
)
_LEAK = Finding(
    "llm-general",
    Status.FAIL,
    "P95 of time to first token: 812 ms",
    "under 500 ms",
    "the card's cache is full: requests wait for room (preemptions grow)",
    "toolkit diagnose --fix llm.kv_cache",
    ("vllm:kv_cache_usage_perc 0.998", "vllm:num_preemptions_total 0 → 214 in 60 s"),
    "targets.first_token",
    Confidence.LIKELY,
    (Change("services.llm_general.flags.max_num_seqs", 8),),
    ("the client's own CPU was the limit: it took 12 %",),
)
_QUEUE = Finding(
    "edge",
    Status.FAIL,
    "the queue grows by 3.1 requests a second",
    "not growing",
    check="edge.queue",
    under=_LEAK.key,
)
_REDIS = Finding(
    "redis",
    Status.WARN,
    "hit rate 0.74 of 12,040 look-ups",
    "0.8 at least",
    "it evicts what would be asked again: 1,204 keys in 60 s",
    "services:\n  redis: {memory: 2GiB}",
    ("keyspace_hits:8910 keyspace_misses:3130", "evicted_keys:1204", "maxmemory_human:896.00M"),
    "redis.hit_rate",
)
_AWAY = Finding(
    "prometheus", Status.ERROR, "could not look", cause="no answer within 2 s", check="prometheus.alerts"
)
_NONE = Finding("cards", Status.SKIP, "no card is planned here", check="gpu.memory")
_FINE = tuple(
    Finding(subject, Status.PASS, observed, expected, check=check)
    for subject, observed, expected, check in (
        ("edge", "P95 of light requests: 41.2 ms", "under 100 ms", "targets.light"),
        ("edge", "0 of 3,211 requests failed", "under 1 %", "targets.errors"),
        ("llm-fast", "31.4 tokens a second in one stream", "over 20", "targets.tokens"),
        ("mariadb", "query P95 3.9 ms", "under 25 ms", "targets.database"),
        ("host", "memory 61 %", "under 85 %", "host.memory_use"),
    )
)
FINDINGS = (_LEAK, _QUEUE, _AWAY, _REDIS, _NONE, *_FINE)


def demo_report(*, hostile: bool = False) -> Report:
    """Return a health check of a minute, compared with the ten before it; `hostile`: each text tries to break out."""
    earlier = [_run(f"2026-11-{day:02d}T04:00:00+00:00", day) for day in range(20, 30)]
    now = _run("2026-11-30T04:00:12+00:00", 99, FINDINGS, first_token=0.812)
    changed = replace(now, changes=compare(earlier[-1], now, earlier))
    return _hostile(changed) if hostile else changed


def _run(started: str, seed: int, findings: Sequence[Finding] = _FINE, first_token: float = 0.4) -> Report:
    chance = random.Random(seed)
    metrics = {
        "light_p95_ms": 40 + chance.random() * 4,
        "first_token_p95_s": first_token * (0.95 + chance.random() / 10),
        "tokens_per_s": 30 + chance.random() * 3,
        "errors": 0.0,
        "requests": 3200.0 + chance.randrange(40),
    }
    return Report(
        "health-check", "production", started, 60.8, tuple(findings), metrics, series=_series(chance)
    )


def _series(chance: random.Random) -> tuple[Series, ...]:
    def over_time(name: str, subject: str, unit: str, base: float, slope: float, noise: float) -> Series:
        points: list[tuple[float, float | None]] = [
            (float(at), max(0.0, base + slope * at + chance.gauss(0, noise) + noise * math.sin(at / 5)))
            for at in range(SECONDS)
        ]
        for at in (20, 21, 22):
            points[at] = (float(at), None)
        return Series(name, subject, unit, tuple(points))

    services = (
        "llm-general",
        "llm-fast",
        "edge",
        "redis",
        "mariadb",
        "vector-db",
        "response-cache",
        "prometheus",
    )
    return (
        over_time("time to first token", "llm-general", "ms", 380, 6, 40),
        over_time("time to first token", "llm-fast", "ms", 120, 0, 15),
        over_time("tokens per second", "all models", "1/s", 410, -1, 30),
        *(
            over_time("memory", name, "MiB", 180 * (index + 1), 4 * (index == 0), 3)
            for index, name in enumerate((*services, "api-server"))
        ),
        over_time("requests that wait", "edge", "", 2, 0.4, 1),
        over_time("restarts", "all", "", 0, 0, 0),
        Series("GPU memory", "GPU-0", "MiB", ((0.0, None), (1.0, None))),
    )


def _hostile(report: Report) -> Report:
    """Return the report with what a page could be broken by in every text that comes from outside."""
    texts = dict.fromkeys(("subject", "observed", "expected", "cause", "remedy"), HOSTILE)
    findings = tuple(replace(one, evidence=(HOSTILE,), **texts) for one in report.findings)  # type: ignore[arg-type]
    series = tuple(replace(one, name=HOSTILE, subject=HOSTILE, unit=HOSTILE) for one in report.series)
    return replace(report, environment=HOSTILE, findings=findings, series=series, metrics={HOSTILE: 1.0})
