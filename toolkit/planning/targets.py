"""The targets as a plan carries them: plain numbers, seconds, bytes and shares."""

from __future__ import annotations

from toolkit.values import Value


class Targets(Value):
    """What a stack is judged by, each by its key below `targets:`; None where nothing is asked."""

    light_p95: float
    api_p95: float
    alert_p95: float
    critical_p95: float
    error_rate: float
    first_token: float
    stream_tokens_per_s: float
    hundred_tokens: float
    mean_answer: float
    loaded_model: float
    db_query: float
    cache_answer: float
    hit_rate: float
    host_memory: float
    service_memory: float
    cpu: float
    gpu_slack: int
    control_memory: int
    concurrent: int
    users: int | None
    requests_per_s: float | None
    bulk_rows_per_s: float | None
    aggregation: float | None
    report: float | None
    pool_use: float
    """Share of what there are of connections above which they are too few: `pool.use_high`."""
