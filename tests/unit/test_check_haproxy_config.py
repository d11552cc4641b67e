"""haproxy.config: file, line and word"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.haproxy_config import haproxy_config


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "[ALERT] (1) : parsing [/haproxy.cfg:26]: Missing LF on last line, file might have been "
            "truncated at position 28.",
            "the configuration ends without a newline at",
            "end the file with an empty line; look",
        ),
        (
            "[ALERT] (1) : config : parsing [haproxy.cfg:3] : unknown keyword 'nbproc' in 'global' section",
            "this version of HAProxy does not know nbproc (at",
            "correct or take out that line; `haproxy",
        ),
        (
            "[ALERT] (1) : config : Proxy 'port_443': unable to find required use_backend: 'api'.",
            "a rule names use_backend api, which nothing defines",
            "define it, or correct the name letter",
        ),
        (
            "[ALERT] (1) : parsing [/haproxy.cfg:39] : 'bind :443' : unable to load SSL private key from PEM "
            "file '/certs/cert0.pem'.",
            "the PEM file of the certificate holds no private",
            "`cat cert.pem chain.pem key.pem >",
        ),
        (
            "[ALERT] (1) : parsing [/haproxy.cfg:12] : 'bind *:443' : unable to stat SSL certificate from "
            "file '/certs/site.pem' : No such file",
            "the certificate /certs/site.pem is not there or",
            "mount it where `crt` names it, readable",
        ),
        (
            "[ALERT] (1) : parsing [haproxy.cfg:5] : cannot find user id for 'haproxy' (0:Success)",
            "HAProxy cannot become or enter what its global",
            "take user, group and chroot out of",
        ),
        (
            "[ALERT] (1) : [haproxy.main()] No enabled listener found (check for 'bind' directives) ! "
            "Exiting.",
            "no section listens on anything: the configuration",
            "mount the file at",
        ),
        (
            "[ALERT] (1) : parsing [haproxy.cfg:9] : 'option httplog' : missing argument",
            "HAProxy refuses the line haproxy.cfg:9: 'option",
            "correct that line (an override of",
        ),
        (
            "[ALERT] (1) : sendmsg()/writev() failed in logger #1: No such file or directory (errno=2)",
            "HAProxy's log goes to a socket or host that is not",
            "`log stdout format raw local0` in a",
        ),
        (
            "[WARNING] (1) : config : missing timeouts for frontend 'http'.",
            "a section has no timeouts: connections that hang",
            "timeout connect, client and server in",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(haproxy_config, "edge", line, cause, remedy)
