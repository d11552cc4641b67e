"""All injected faults, and one of each broad class."""

from __future__ import annotations

from tests.support.injected_databases import MARIADB, POSTGRES
from tests.support.injected_engine import ENGINE, VLLM
from tests.support.injected_fronts import HAPROXY, NGINX, PROMETHEUS
from tests.support.injected_redis import REDIS

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
