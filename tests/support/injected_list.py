"""All injected faults, and the cheap ones."""

from __future__ import annotations

from tests.support.injected_databases import MARIADB, POSTGRES
from tests.support.injected_engine import ENGINE, VLLM
from tests.support.injected_fronts import HAPROXY, NGINX, PROMETHEUS
from tests.support.injected_redis import REDIS

ALL = (*REDIS, *MARIADB, *POSTGRES, *HAPROXY, *NGINX, *PROMETHEUS, *ENGINE, *VLLM)
# Cheap ones that `make test` injects; `make proof` injects all.
CHEAP = tuple(
    fault
    for fault in ALL
    if fault.name
    in {
        "redis: directive of another version",
        "redis: data directory of root",
        "redis: append-only file damaged",
        "redis: dump of a newer version",
    }
)
