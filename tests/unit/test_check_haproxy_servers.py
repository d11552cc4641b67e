"""haproxy.servers: the layer tells"""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan as stack
from tests.support.readings import agrees, container
from toolkit.checks.haproxy_servers import haproxy_servers
from toolkit.facts import LogFact


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "[WARNING] (8) : Server app/app1 is DOWN, reason: Layer7 wrong status, code: 404, check "
            "duration: 2ms.",
            "the server app/app1 answers, but not as the health",
            "let the check ask a path that answers",
        ),
        (
            '[WARNING] (8) : Server app/app1 is DOWN, reason: Layer4 connection problem, info: "Connection '
            'refused"',
            "nothing listens at the address of app/app1: the",
            "look at that service's own finding",
        ),
        (
            "[WARNING] (8) : Server app/app1 is DOWN, reason: Layer4 timeout, check duration: 2001ms.",
            "connections to app/app1 get no answer at all",
            "put both into one network and name the",
        ),
        (
            "[WARNING] (8) : Server app/app1 is DOWN, reason: Layer7 timeout, check duration: 2001ms.",
            "app/app1 accepts, and answers the health check",
            "look at its load; raise `timeout",
        ),
        (
            '[WARNING] (8) : Server app/app1 is DOWN, reason: Layer6 invalid response, info: "SSL handshake '
            'failure"',
            "HAProxy and app/app1 do not agree on TLS: one",
            "`ssl verify none` or `ca-file` on the",
        ),
        (
            "[WARNING] (8) : Server app/app1 is going DOWN for maintenance (DNS NX status).",
            "the name of app/app1 is not found (any more): its",
            "start that service, put both into one",
        ),
        (
            "[WARNING] (1) : Proxy 'http' reached process FD limit (maxsock=4097). Please check 'ulimit-n' "
            "and restart.",
            "HAProxy has as many connections open as its limit",
            "raise the ulimit nofile of the service",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(haproxy_servers, "edge", line, cause, remedy)


def test_a_server_that_came_back_is_no_finding() -> None:
    line = (
        "[WARNING] (8) : Server general/llm-general is DOWN, reason: Layer4 timeout, check duration: 2001ms."
    )
    seen = (
        container("edge", state="running", health="healthy"),
        container(state="running", health="healthy"),
    )
    assert ask(haproxy_servers, stack(), logs=(LogFact("edge", (line,)),), containers=seen) == ()
