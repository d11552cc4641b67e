"""haproxy.start: the line above the last one decides"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.haproxy_start import haproxy_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "edge",
            "[ALERT] (1) : [/etc/haproxy/haproxy.cfg:30] : 'server m/llm' : could not resolve address 'llm-general'.",
            "llm-general",
            "init-addr",
        ),
        (
            "edge",
            "[ALERT] (1) : Not enough memory to allocate 1073741815 entries for fdtab!",
            "1073741815",
            "maxconn",
        ),
        (
            "edge",
            "[ALERT] (1) : Starting frontend GLOBAL: cannot bind UNIX socket (Permission denied) [/var/run/haproxy.stat]",
            "/var/run/haproxy.stat",
            "change the path",
        ),
        (
            "edge",
            "[ALERT] (1) : config : parsing [/etc/haproxy/haproxy.cfg:12] : unknown keyword 'foo' in 'global' section",
            "haproxy.cfg:12",
            "haproxy -c",
        ),
        ("edge", "backend general has no server available!", "all servers of general", "their own findings"),
        (
            "edge",
            'http app/app1 0/0/0/-1/5 502 217 - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"',
            "the answer of the server is not valid HTTP for",
            "`show errors` on its socket shows the",
        ),
        (
            "edge",
            "[ALERT] (1) : Current worker (8) exited with code 137 (Killed)",
            "HAProxy's worker was killed: its memory went over",
            "raise services.edge.memory, or lower",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(haproxy_start, service, line, cause, remedy)
