"""The injected faults, by service: each with what cures it, which is its remedy to the letter."""

from __future__ import annotations

from tests.support.injected import Fault, Run

_READY = Run(until="Ready to accept")
_REDIS_DATA = ("--tmpfs", "/data:uid=999,gid=999")


def _redis(*words: str, options: tuple[str, ...] = _REDIS_DATA, until: str = "Ready to accept") -> Run:
    return Run(options, ("redis-server", *words), until=until)


def _redis_file(script: str, *words: str) -> Run:
    return Run(_REDIS_DATA, ("sh", "-c", f"cd /data && {script} && exec redis-server {' '.join(words)}"))


REDIS = (
    Fault(
        "redis: directive of another version",
        "redis",
        _redis("--nosuch", "yes"),
        _redis(),
        "redis.start",
        "refuses its configuration",
        "take out",
        "Ready",
    ),
    Fault(
        "redis: value that is none",
        "redis",
        _redis("--maxmemory", "banana"),
        _redis("--maxmemory", "64mb"),
        "redis.start",
        "refuses its configuration",
        "correct",
        "Ready",
    ),
    Fault(
        "redis: configuration file missing",
        "redis",
        _redis("/nowhere/redis.conf"),
        _redis(),
        "container.mount",
        "configuration",
        "mount|correct",
        "Ready",
    ),
    Fault(
        "redis: data directory of root",
        "redis",
        _redis("--appendonly", "yes", options=("--tmpfs", "/data:uid=0,gid=0,mode=0755")),
        _redis("--appendonly", "yes"),
        "redis.start",
        "may not write",
        "chown -R 999:999",
        "Ready",
    ),
    Fault(
        "redis: append-only file damaged",
        "redis",
        _redis_file(
            "mkdir appendonlydir && printf 'file appendonly.aof.1.incr.aof seq 1 type i\\n' "
            "> appendonlydir/appendonly.aof.manifest && echo garbage > appendonlydir/appendonly.aof.1.incr.aof",
            "--appendonly",
            "yes",
        ),
        _redis("--appendonly", "yes"),
        "redis.start",
        "damaged",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: dump of a newer version",
        "redis",
        _redis_file("printf 'REDIS0099' > dump.rdb"),
        _redis(),
        "redis.start",
        "newer version",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: dump damaged",
        "redis",
        _redis_file("echo garbagegarbage > dump.rdb"),
        _redis(),
        "redis.start",
        "damaged",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: address of another machine",
        "redis",
        _redis("--bind", "10.9.9.9"),
        _redis("--bind", "0.0.0.0"),
        "redis.start",
        "cannot listen",
        "bind 0.0.0.0",
        "Ready",
    ),
    Fault(
        "redis: snapshot fails, directory read-only",
        "redis",
        Run(
            ("--tmpfs", "/data:uid=0,gid=0,mode=0555"),
            ("redis-server", "--save", "1 1"),
            until="Ready to accept",
            after="redis-cli set a b; sleep 3; redis-cli bgsave; sleep 1; redis-cli set c d",
        ),
        Run(
            _REDIS_DATA,
            ("redis-server", "--save", "1 1"),
            until="Ready to accept",
            after="redis-cli set a b; sleep 2",
        ),
        "redis.work",
        "snapshot",
        "chown",
        "saved",
    ),
    Fault(
        "redis: more than its limit",
        "redis",
        Run((*_REDIS_DATA, "--memory", "24m", "--memory-swap", "24m"), ("sh", "-c", "tail /dev/zero")),
        _redis(options=(*_REDIS_DATA, "--memory", "256m")),
        "container.memory",
        "limit",
        "raise services.redis.memory",
        "Ready",
    ),
)
_MARIA = ("--tmpfs", "/var/lib/mysql", "--tmpfs", "/run/mysqld", "--env", "MARIADB_ROOT_PASSWORD=secret")
_MARIA_UP = Run(_MARIA, ("mariadbd",), until="ready for connections")


def _maria(*words: str, options: tuple[str, ...] = _MARIA) -> Run:
    return Run(options, ("mariadbd", *words), until="ready for connections")


MARIADB = (
    Fault(
        "mariadb: option of another version",
        "mariadb",
        _maria("--innodb-log-files-in-group=2x", "--nosuch-option=1"),
        _MARIA_UP,
        "mariadb.start",
        "does not know",
        "take it out",
        "ready for connections",
    ),
    Fault(
        "mariadb: pool larger than memory",
        "mariadb",
        _maria("--innodb-buffer-pool-size=9000G", options=(*_MARIA, "--memory", "700m")),
        _maria("--innodb-buffer-pool-size=128M", options=(*_MARIA, "--memory", "700m")),
        "mariadb.start",
        "larger than the memory",
        "lower innodb_buffer_pool_size",
        "ready for connections",
    ),
    Fault(
        "mariadb: first start without a password",
        "mariadb",
        Run(_MARIA[:4], ("mariadbd",)),
        _MARIA_UP,
        "mariadb.access",
        "no password",
        "secret",
        "ready for connections",
    ),
    Fault(
        "mariadb: data directory holds something else",
        "mariadb",
        Run(
            (*_MARIA[2:], "--volume", "{dir}/junk:/var/lib/mysql"),
            ("mariadbd",),
            files={"junk/readme.txt": "x"},
        ),
        _MARIA_UP,
        "mariadb.start",
        "no finished database|holds something",
        "start again",
        "ready for connections",
    ),
    Fault(
        "mariadb: disk full",
        "mariadb",
        _maria(options=("--tmpfs", "/var/lib/mysql:size=30m", *_MARIA[2:])),
        _MARIA_UP,
        "storage.space",
        "full|file system",
        "room|move",
        "ready for connections",
    ),
)
_PG = ("--env", "POSTGRES_PASSWORD=secret", "--tmpfs", "/var/run/postgresql:uid=999,gid=999")
_PG_DATA = ("--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=0700")
_PG_UP = Run((*_PG, *_PG_DATA), ("postgres",), until="ready to accept connections")


def _pg(*words: str, options: tuple[str, ...] = (*_PG, *_PG_DATA)) -> Run:
    return Run(options, ("postgres", *words), until="ready to accept connections")


POSTGRES = (
    Fault(
        "postgres: parameter that it does not know",
        "vector-db",
        _pg("-c", "nosuch_parameter=1"),
        _PG_UP,
        "postgres.start",
        "nosuch_parameter",
        "take out",
        "ready to accept",
    ),
    Fault(
        "postgres: value that is none",
        "vector-db",
        _pg("-c", "shared_buffers=banana"),
        _PG_UP,
        "postgres.start",
        "shared_buffers",
        "correct",
        "ready to accept",
    ),
    Fault(
        "postgres: memory that cannot be had",
        "vector-db",
        _pg("-c", "shared_buffers=900GB"),
        _PG_UP,
        "postgres.start",
        "more memory",
        "lower shared_buffers",
        "ready to accept",
    ),
    Fault(
        "postgres: /dev/shm too small",
        "vector-db",
        _pg("-c", "min_dynamic_shared_memory=200MB", options=(*_PG, *_PG_DATA, "--shm-size", "16m")),
        _pg("-c", "min_dynamic_shared_memory=200MB", options=(*_PG, *_PG_DATA, "--shm-size", "1g")),
        "storage.space",
        "/dev/shm",
        "raise shm_size",
        "ready to accept",
    ),
    Fault(
        "postgres: data of another major version",
        "vector-db",
        Run(
            (*_PG, "--volume", "{dir}/pg:/var/lib/postgresql/data", "--user", "0:0", "--entrypoint", "sh"),
            (
                "-c",
                "echo 12 > /var/lib/postgresql/data/PG_VERSION; chown -R 999:999 /var/lib/postgresql/data; "
                "chmod 700 /var/lib/postgresql/data; exec setpriv --reuid=999 --regid=999 --clear-groups postgres",
            ),
            files={"pg/postgresql.conf": "", "pg/pg_hba.conf": ""},
        ),
        _PG_UP,
        "postgres.start",
        "made by PostgreSQL 12",
        "pin the image",
        "ready to accept",
    ),
    Fault(
        "postgres: first start without a password",
        "vector-db",
        Run((*_PG[2:], *_PG_DATA), ("postgres",)),
        _PG_UP,
        "postgres.access",
        "no password",
        "secret",
        "ready to accept",
    ),
    Fault(
        "postgres: data directory of root",
        "vector-db",
        _pg(options=(*_PG, "--tmpfs", "/var/lib/postgresql/data:uid=0,gid=0,mode=0755")),
        _PG_UP,
        "postgres.start",
        "own",
        "chown -R 999:999",
        "ready to accept",
    ),
    Fault(
        "postgres: disk full at the first start",
        "vector-db",
        _pg(options=(*_PG, "--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=0700,size=12m")),
        _PG_UP,
        "storage.space",
        "full|file system",
        "room|move",
        "ready to accept",
    ),
)
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
        "haproxy.start",
        "refuses its configuration",
        "correct that line",
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
        "haproxy.start",
        "certificate",
        "certificate",
    ),
)
_NG_FULL = "events {{}}\nhttp {{ server {{ listen 8080; {inner} }} }}\n"
_NG = ("--volume", "{dir}/nginx.conf:/etc/nginx/nginx.conf:ro")


def _nginx(inner: str, *options: str) -> Run:
    text = "pid /tmp/nginx.pid;\n" + _NG_FULL.replace("{{", "{").replace("}}", "}").replace("{inner}", inner)
    command = ("nginx", "-e", "stderr", "-g", "daemon off;")
    return Run((*_NG, *options), command, files={"nginx.conf": text})


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
        "nginx.start",
        "refuses its configuration",
        "nginx -t",
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
        _prom(_PROM, "--storage.tsdb.retention=15d"),
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
ENGINE = (
    Fault("engine: program that is not in the image", "redis", Run((), ("redis-serve",)), _redis(), "container.command",
          "redis-serve is not in the image", "command", "Ready"),
    Fault("engine: file of another architecture", "redis",
          Run(("--volume", "{dir}/bad:/bad:ro"), ("/bad/program",), files={"bad/program": "\x7fELF\x02\x01\x01garbage"}),
          _redis(), "container.command", "architecture|may not be executed", "architecture|chmod", "Ready"),
    Fault("engine: script with Windows line ends", "redis",
          Run(("--volume", "{dir}/s:/s:ro"), ("sh", "-c", "cp /s/run.sh /tmp/run.sh && chmod +x /tmp/run.sh && exec /tmp/run.sh"),
              files={"s/run.sh": "#!/bin/sh\r\nexec redis-server\r\n"}),
          _redis(), "container.command", "Windows line ends|interpreter", "sed", "Ready"),
    Fault("engine: file that may not be executed", "redis",
          Run(("--volume", "{dir}/x:/x:ro"), ("/x/run.sh",), files={"x/run.sh": "#!/bin/sh\nexec redis-server\n"}),
          _redis(), "container.command", "may not be executed", "chmod", "Ready"),
    Fault("engine: directory over a file", "redis",
          Run(("--volume", "{dir}/conf:/etc/hostname-of-mine:ro", "--mount",
               "type=bind,source={dir}/conf,target=/etc/passwd,readonly"), ("redis-server",), files={"conf/x": ""}),
          _redis(), "container.mount", "a directory is mounted", "remove that empty directory", "Ready"),
    Fault("engine: address of another machine", "redis", Run(("--publish", "10.9.9.9:6379:6379"), ("redis-server",)),
          _redis(), "container.port", "not one of this machine", "ip address", "Ready"),
    Fault("engine: card without the NVIDIA toolkit", "redis",
          Run(("--gpus", "all"), ("redis-server",)), _redis(), "gpu.driver", "cannot give cards",
          "hardware: cpu|nvidia-container-toolkit", "Ready"),
    Fault("engine: limit of processes", "redis", Run(("--pids-limit", "3"), ("sh", "-c", "redis-server & sleep 1; (true) & (true) & (true) & wait")),
          _redis(), "container.command", "processes|threads", "raise services.redis.pids", "Ready"),
    Fault("engine: health check without its program", "redis",
          Run((*_REDIS_DATA, "--health-cmd", "curl -f localhost", "--health-interval", "1s", "--health-retries", "1"),
              ("redis-server",), until="Ready to accept", after="sleep 4"),
          _redis(), "container.command", "health check calls", "program that the image has", "Ready"),
)  # fmt: skip
_VLLM_ENV = (
    "--env",
    "VLLM_ENABLE_V1_MULTIPROCESSING=0",
    "--env",
    "OMP_NUM_THREADS=1",
    "--env",
    "VLLM_NO_USAGE_STATS=1",
    "--env",
    "HF_HUB_OFFLINE=1",
    "--env",
    "HOME=/tmp",
    "--tmpfs",
    "/tmp:exec,mode=1777",
)
_MODEL = ("--volume", "{dir}/model:/models/tiny:ro")


def _vllm(*words: str, model: str = "/models/tiny", options: tuple[str, ...] = ()) -> Run:
    return Run((*_VLLM_ENV, *_MODEL, *options),
               (model, "--served-model-name", "general", "--port", "8000", "--enforce-eager", *words),
               until="Application startup complete")  # fmt: skip


_SMALL = ("--kv-cache-memory-bytes", "64M", "--max-model-len", "512")
_VLLM_UP = _vllm(*_SMALL)
_UP = "Application startup complete"
VLLM = (
    Fault("vllm: flag that is gone", "llm-general", _vllm(*_SMALL, "--swap-space", "4"), _VLLM_UP, "vllm.flags",
          "does not know --swap-space", "remove that flag", _UP),
    Fault("vllm: path that is not in the container", "llm-general", _vllm(*_SMALL, model="/models/absent"), _VLLM_UP,
          "hub.unknown", "does not exist inside the container", "mount", _UP),
    Fault("vllm: offline and not in the cache", "llm-general", _vllm(*_SMALL, model="someone/absent"), _VLLM_UP,
          "hub.offline", "not in the cache", "dir:PATH|fill the cache", _UP),
    Fault("vllm: longer than the model", "llm-general",
          _vllm("--kv-cache-memory-bytes", "64M", "--max-model-len", "900000"), _VLLM_UP, "vllm.context",
          "longer than", "lower services.llm_general.flags.max_model_len", _UP),
    Fault("vllm: cache for less than one request", "llm-general",
          _vllm("--kv-cache-memory-bytes", "16K", "--max-model-len", "32768"), _VLLM_UP, "vllm.kv-cache",
          "one request|nothing is left", "lower services.llm_general.flags.max_model_len|raise", _UP),
    Fault("vllm: memory of the container", "llm-general", _vllm(*_SMALL, options=("--memory", "400m", "--memory-swap", "400m")),
          _vllm(*_SMALL, options=("--memory", "2g")), "container.memory", "limit", "raise services.llm_general.memory", _UP),
    Fault("vllm: weights that are a pointer of git-lfs", "llm-general",
          Run((*_VLLM_ENV, "--volume", "{dir}/pointer:/models/tiny:ro"),
              ("/models/tiny", "--enforce-eager", *_SMALL), until=_UP),
          _VLLM_UP, "models.weights", "git-lfs", "git lfs", _UP),
    Fault("vllm: number format of the flag", "llm-general", _vllm(*_SMALL, "--dtype", "float99"), _VLLM_UP, "vllm.flags",
          "does not take", "correct the value", _UP),
)  # fmt: skip
ALL = (*REDIS, *MARIADB, *POSTGRES, *HAPROXY, *NGINX, *PROMETHEUS, *ENGINE, *VLLM)
# One of each broad class, for `make test`.
ONE_EACH = tuple(
    fault
    for fault in ALL
    if fault.name
    in {
        "redis: data directory of root",
        "redis: more than its limit",
        "mariadb: option of another version",
        "postgres: /dev/shm too small",
        "haproxy: server that is not there yet",
        "nginx: upstream that is not there",
        "engine: program that is not in the image",
        "prometheus: data directory of root",
    }
)
