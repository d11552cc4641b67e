"""prometheus.targets: rules and targets"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.prometheus_targets import prometheus_targets


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            'level=error msg="loading groups failed" err="/etc/prometheus/rules.yml: 5:9: group x"',
            "a rule file does not parse: the expression or",
            "`promtool check rules FILE` names line",
        ),
        (
            'level=error err="open /etc/prometheus/prometheus.yml: permission denied"',
            "Prometheus (uid 65534) cannot read",
            "chmod 0644 the file and 0755 its",
        ),
        (
            'level=error err="opening storage failed: get segment range: segments are not sequential"',
            "the write-ahead log is damaged or segments of it",
            "look at the disk; move the directory",
        ),
        (
            'Get "http://node:9100/metrics": dial tcp: lookup node on 127.0.0.11:53: no such host',
            "the target node is not known by that name: it does",
            "start it or put both into one network",
        ),
        (
            'Get "http://node:9100/metrics": context deadline exceeded',
            "the target node:9100 does not answer: it is down",
            "look at that service's own finding",
        ),
        (
            "server returned HTTP status 401 Unauthorized",
            "the target answers no metrics 401: another path, a",
            "correct metrics_path and port; give",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(prometheus_targets, "prometheus", line, cause, remedy)
