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
        (
            "response-cache",
            '[error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream, upstream: "http://172.18.0.4:80/"',
            "the server behind does not accept: nothing listens",
            "look at that service's own finding; let",
        ),
        (
            "response-cache",
            '[error] 29#29: *1 connect() failed (113: Host is unreachable) while connecting to upstream, upstream: "http://172.18.0.4:80/"',
            "the server behind is gone from its address",
            "restart nginx; for good `resolver",
        ),
        (
            "response-cache",
            "[error] 30#30: *5 upstream timed out (110: Connection timed out) while reading response header from upstream",
            "the server behind takes longer for its answer than",
            "raise proxy_read_timeout (and",
        ),
        (
            "response-cache",
            "[error] 30#30: *5 upstream prematurely closed connection while reading response header from upstream",
            "the server behind closed the connection before its",
            "look at that service's log at that",
        ),
        (
            "response-cache",
            "[error] 30#30: *5 no live upstreams while connecting to upstream",
            "every server behind is taken out for fail_timeout",
            "look at the first error before it and",
        ),
        (
            "response-cache",
            "[crit] 9#9: *1 connect() to unix:/run/app.sock failed (13: Permission denied) while connecting to upstream",
            "the socket /run/app.sock of the server behind",
            "one volume for it in both, a group that",
        ),
        (
            "response-cache",
            "[error] 9#9: *1 upstream sent no valid HTTP/1.0 header while reading response header from upstream",
            "the server behind does not answer in the protocol",
            "compare scheme and port of proxy_pass",
        ),
        (
            "response-cache",
            "[error] 9#9: *1 SSL_do_handshake() failed (SSL: error:0A00010B) while SSL handshaking to upstream",
            "TLS to the server behind fails: it speaks plain",
            "https:// in proxy_pass only where it",
        ),
        (
            "response-cache",
            "[error] 9#9: *1 upstream sent too big header while reading response header from upstream",
            "the headers of an answer (cookies, as a rule) do",
            "proxy_buffer_size 16k, proxy_buffers 8",
        ),
        (
            "response-cache",
            "400 Bad Request Request Header Or Cookie Too Large",
            "the headers of a request (cookies or a token, as a",
            "large_client_header_buffers 4 32k in",
        ),
        (
            "response-cache",
            "ERR_TOO_MANY_REDIRECTS",
            "two layers send each other back and forth: the",
            "`proxy_set_header X-Forwarded-Proto",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(nginx_start, service, line, cause, remedy)
