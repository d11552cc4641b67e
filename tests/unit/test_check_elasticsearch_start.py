"""elasticsearch.start: bootstrap checks and the innermost exception"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.elasticsearch_start import elasticsearch_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "elasticsearch",
            "bootstrap check failure [1] of [1]: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]",
            "65530",
            "sysctl -w vm.max_map_count=262144",
        ),
        (
            "elasticsearch",
            "java.lang.IllegalStateException: failed to obtain node locks, tried [/usr/share/elasticsearch/data]",
            "uid 1000",
            "chown -R 1000:0",
        ),
        (
            "elasticsearch",
            "cannot upgrade a node from version [7.10.0] directly to version [9.0.0]",
            "step by step",
            "pin the image",
        ),
        (
            "elasticsearch",
            "flood stage disk watermark [95%] exceeded on [abc][/data] free: 3gb[4%]",
            "fuller than",
            "make room",
        ),
        (
            "elasticsearch",
            "unknown setting [xpack.foo] please check that any required plugins are installed",
            "xpack.foo",
            "take it out",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(elasticsearch_start, service, line, cause, remedy)
