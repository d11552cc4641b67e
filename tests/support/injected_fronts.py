"""Faults injected into HAProxy, nginx and Prometheus, each with what cures it: its remedy to the letter."""

from __future__ import annotations

from tests.support.injected import Fault, Run

_CFG = "global\n  maxconn 64\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n"
_FRONT = "frontend f\n  bind :8080\n  default_backend b\nbackend b\n  server s 127.0.0.1:9\n"
_HA = ("--volume", "{dir}/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro")


def _haproxy(text: str) -> Run:
    return Run(_HA, files={"haproxy.cfg": text}, until="Loading success|is UP|started|forked")


_HA_UP = _haproxy(_CFG + _FRONT)
HAPROXY = (
    Fault(
        "haproxy: keyword that it does not know",
        "edge",
        _haproxy(_CFG + "  nosuch keyword\n" + _FRONT),
        _HA_UP,
        "haproxy.config",
        "does not know nosuch",
        "take out that line",
    ),
    Fault(
        "haproxy: server that is not there yet",
        "edge",
        _haproxy(_CFG + _FRONT.replace("127.0.0.1:9", "llm-absent:8000")),
        _haproxy(
            _CFG
            + "  default-server init-addr last,libc,none\n"
            + _FRONT.replace("127.0.0.1:9", "llm-absent:8000")
        ),
        "haproxy.start",
        "not there yet",
        "init-addr last,libc,none",
    ),
    Fault(
        "haproxy: directory of its socket",
        "edge",
        _haproxy(_CFG.replace("maxconn 64", "maxconn 64\n  stats socket /run/nowhere/admin.sock")),
        _haproxy(_CFG.replace("maxconn 64", "maxconn 64\n  stats socket /tmp/admin.sock") + _FRONT),
        "haproxy.start",
        "cannot make the socket",
        "change the path",
    ),
    Fault(
        "haproxy: configuration missing",
        "edge",
        Run((), ("haproxy", "-W", "-db", "-f", "/nowhere.cfg")),
        _HA_UP,
        "container.mount",
        "not where the server looks",
        "mount",
    ),
    Fault(
        "haproxy: certificate missing",
        "edge",
        _haproxy(_CFG + _FRONT.replace("bind :8080", "bind :8080 ssl crt /nowhere.pem")),
        _HA_UP,
        "haproxy.config",
        "certificate /nowhere.pem is not there",
        "mount it|self-signed",
    ),
)
_NG_FULL = "events {{}}\nhttp {{ server {{ listen 8080; {inner} }} }}\n"
_NG = ("--volume", "{dir}/nginx.conf:/etc/nginx/nginx.conf:ro")


def _nginx(inner: str, *options: str) -> Run:
    text = "pid /tmp/nginx.pid;\n" + _NG_FULL.replace("{{", "{").replace("}}", "}").replace("{inner}", inner)
    command = ("nginx", "-e", "stderr", "-g", "daemon off; error_log stderr notice;")
    return Run((*_NG, *options), command, files={"nginx.conf": text}, until="start worker process")


_NG_UP = _nginx("return 204;")
NGINX = (
    Fault(
        "nginx: upstream that is not there",
        "response-cache",
        _nginx("location / { proxy_pass http://absent:1; }"),
        _nginx("resolver 127.0.0.11; set $up http://absent:1; location / { proxy_pass $up; }"),
        "nginx.start",
        "looks up absent once",
        "resolver 127.0.0.11",
    ),
    Fault(
        "nginx: directive that it does not know",
        "response-cache",
        _nginx("nosuch on;"),
        _NG_UP,
        "nginx.config",
        "does not know the directive nosuch",
        "correct /etc/nginx/nginx.conf:3",
    ),
    Fault(
        "nginx: certificate missing",
        "response-cache",
        _nginx("ssl_certificate /nowhere.pem; ssl_certificate_key /nowhere.pem; listen 8443 ssl;"),
        _NG_UP,
        "nginx.start",
        "may not make or read",
        "certificate",
    ),
    Fault(
        "nginx: configuration missing",
        "response-cache",
        Run((), ("nginx", "-e", "stderr", "-c", "/nowhere.conf")),
        _NG_UP,
        "container.mount|nginx.start",
        "not where|may not",
        "mount|needs its path",
    ),
    Fault(
        "nginx: socket left behind",
        "response-cache",
        Run(
            _NG,
            (
                "sh",
                "-c",
                "python3 -V 2>/dev/null; mkdir -p /tmp/s && (timeout 1 nginx -e stderr -g 'daemon off;'; "
                "kill -9 $(cat /tmp/nginx.pid) 2>/dev/null); nginx -e stderr -g 'daemon off;' & sleep 1; "
                "pkill -9 nginx; sleep 0.2; exec nginx -e stderr -g 'daemon off;'",
            ),
            files={
                "nginx.conf": "pid /tmp/nginx.pid;\nevents {}\nhttp { server { listen unix:/tmp/s/a.sock; } }\n"
            },
        ),
        _NG_UP,
        "nginx.start",
        "socket file",
        "remove the socket file",
    ),
)
_PROM = "scrape_configs: []\n"


def _prom(text: str, *words: str, options: tuple[str, ...] = ()) -> Run:
    return Run(("--volume", "{dir}/prom.yml:/etc/prometheus/prometheus.yml:ro", "--tmpfs", "/prometheus:uid=65534,gid=65534",
                *options),
               ("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", *words),
               files={"prom.yml": text}, until="ready to receive web requests")  # fmt: skip


_PROM_UP = _prom(_PROM)
PROMETHEUS = (
    Fault(
        "prometheus: key that it does not know",
        "prometheus",
        _prom("nosuch: 1\n"),
        _PROM_UP,
        "prometheus.start",
        "refuses its configuration",
        "correct",
        "ready",
    ),
    Fault(
        "prometheus: broken YAML",
        "prometheus",
        _prom("scrape_configs: [\n"),
        _PROM_UP,
        "prometheus.start",
        "refuses its configuration",
        "promtool",
        "ready",
    ),
    Fault(
        "prometheus: flag that is gone",
        "prometheus",
        _prom(_PROM, "--storage.local.path=/prometheus"),
        _PROM_UP,
        "prometheus.start",
        "refuses its configuration",
        "correct",
        "ready",
    ),
    Fault(
        "prometheus: data directory of root",
        "prometheus",
        Run(
            (
                "--volume",
                "{dir}/prom.yml:/etc/prometheus/prometheus.yml:ro",
                "--tmpfs",
                "/prometheus:uid=0,gid=0,mode=0755",
            ),
            ("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"),
            files={"prom.yml": _PROM},
        ),
        _PROM_UP,
        "prometheus.start",
        "65534",
        "chown -R 65534:65534",
        "ready",
    ),
)
