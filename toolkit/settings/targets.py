"""What a stack is judged by: smoke-test, health-check and bench compare what they measure with it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Bytes, Seconds, Section, Share

Rate = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Targets(Section):
    """Limits that hold at a P95, a mean or a share, as the name says; null where nothing is asked."""

    light_p95: Seconds
    api_p95: Seconds
    alert_p95: Seconds
    critical_p95: Seconds
    error_rate: Share
    first_token: Seconds
    stream_tokens_per_s: Rate
    hundred_tokens: Seconds
    mean_answer: Seconds
    loaded_model: Seconds
    db_query: Seconds
    cache_answer: Seconds
    hit_rate: Share
    host_memory: Share
    service_memory: Share
    cpu: Share
    gpu_slack: Bytes
    control_memory: Bytes
    concurrent: Count
    users: Count | None
    requests_per_s: Rate | None
    bulk_rows_per_s: Rate | None
    aggregation: Seconds | None
    report: Seconds | None
