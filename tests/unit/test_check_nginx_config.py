"""nginx.config: which mistake it is"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.nginx_config import nginx_config


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            'nginx: [emerg] unknown directive "auth_request" in /etc/nginx/conf.d/x.conf:59',
            "this build of nginx does not know the directive",
            "correct /etc/nginx/conf.d/x.conf:59",
        ),
        (
            'nginx: [emerg] "server" directive is not allowed here in /etc/nginx/nginx.conf:1',
            "the directive server stands in the wrong block or",
            "correct /etc/nginx/nginx.conf:1: `http`",
        ),
        (
            'nginx: [emerg] unexpected end of file, expecting "}" in /etc/nginx/conf.d/x.conf:40',
            "a block or statement is not closed before",
            "correct the lines before",
        ),
        (
            'nginx: [emerg] invalid number of arguments in "proxy_pass" directive in '
            "/etc/nginx/conf.d/x.conf:12",
            "a directive has a wrong value or too many or few of",
            "correct the line that it names; of a",
        ),
        (
            'nginx: [emerg] unknown "connection_upgrade" variable',
            "the variable connection_upgrade is not known: its",
            "add the `map` (connection_upgrade is",
        ),
        (
            'nginx: [emerg] cannot load certificate "/certs/site.crt": BIO_new_file() failed (SSL: '
            "error:80000002:system library::No such file or directory)",
            "the certificate or key /certs/site.crt is missing",
            "mount both files where the",
        ),
        (
            "nginx: [emerg] socket() [::]:80 failed (97: Address family not supported by protocol)",
            "the configuration listens on IPv6 ([::]), which is",
            "take the `listen [::]:…` lines out (of",
        ),
        (
            'nginx: [emerg] chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)',
            "nginx cannot become its user: capabilities are",
            "run it as its user from the start (the",
        ),
        (
            "nginx: [emerg] no servers are inside upstream in /etc/nginx/nginx.conf:12",
            "an upstream, location or listen is incomplete or",
            "correct the line that it names; look",
        ),
        (
            "nginx: [emerg] could not build server_names_hash, you should increase "
            "server_names_hash_bucket_size: 64",
            "a table or zone of nginx is too small or not",
            "set server_names_hash_bucket_size to",
        ),
        (
            'nginx: [emerg] module "/m/geoip2.so" is not binary compatible in /etc/nginx/nginx.conf:3',
            "the module is missing or built for another version",
            "take the module of the image's own",
        ),
        (
            'nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: '
            "Permission denied)",
            "nginx may not write its log file: it runs as",
            "error_log /dev/stderr and access_log",
        ),
        (
            '[error] 29#29: *1 directory index of "/usr/share/nginx/html/" is forbidden',
            "nginx has no page to show for",
            "correct root, alias or try_files of",
        ),
        (
            "[alert] 1#1: worker process 30 exited on signal 9",
            "a worker of nginx was ended by signal 9: 9 is a",
            "look at container.memory; without a",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(nginx_config, "response-cache", line, cause, remedy)
