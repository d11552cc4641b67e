"""prometheus.start: the first line of the trace decides"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.prometheus_start import prometheus_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        ("prometheus", "panic: Unable to create mmap-ed active query log", "65534", "chown"),
        (
            "prometheus",
            'level=error err="opening storage failed: lock DB directory: resource temporarily unavailable"',
            "another Prometheus",
            "stop the other one",
        ),
        (
            "prometheus",
            'level=error msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" err="parsing YAML file /etc/prometheus/prometheus.yml: yaml: line 3"',
            "refuses its configuration",
            "promtool",
        ),
        (
            "prometheus",
            "Error parsing command line arguments: unknown long flag '--storage.tsdb.retention'",
            "--storage.tsdb.retention",
            "correct what the line names",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(prometheus_start, service, line, cause, remedy)
