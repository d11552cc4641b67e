"""nginx.start: names, buffers, layers"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.nginx_start import nginx_start


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "response-cache",
            'nginx: [emerg] host not found in upstream "api-server" in /etc/nginx/conf.d/x.conf:3',
            "api-server",
            "resolver 127.0.0.11",
        ),
        (
            "response-cache",
            "[warn] 22#22: *1 an upstream response is buffered to a temporary file /var/cache/nginx/proxy_temp/1",
            "proxy_buffering is on",
            "X-Accel-Buffering",
        ),
        (
            "response-cache",
            "[error] client intended to send too large body: 10485761 bytes",
            "refuses bodies",
            "nginx -T",
        ),
        (
            "response-cache",
            'nginx: [emerg] unknown directive "proxy_bufering" in /etc/nginx/nginx.conf:12',
            "refuses its configuration",
            "nginx -t",
        ),
        (
            "response-cache",
            "nginx: [emerg] bind() to unix:/run/edge-sockets/cache.sock failed (98: Address already in use)",
            "socket file",
            "remove the socket file",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(nginx_start, service, line, cause, remedy)
