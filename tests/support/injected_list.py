"""All injected faults, and one of each class."""

from __future__ import annotations

from tests.support.injected_databases import MARIADB, POSTGRES
from tests.support.injected_engine import ENGINE, VLLM
from tests.support.injected_fronts import HAPROXY, NGINX, PROMETHEUS
from tests.support.injected_redis import REDIS

ALL = (*REDIS, *MARIADB, *POSTGRES, *HAPROXY, *NGINX, *PROMETHEUS, *ENGINE, *VLLM)
# One of each class that `make test` injects; `make proof` injects all.
ONE_OF_EACH = tuple(
    fault
    for fault in ALL
    if fault.name
    in {
        "redis: data directory of root",
        "mariadb: option of another version",
        "postgres: /dev/shm too small",
        "haproxy: server that is not there yet",
        "nginx: upstream that is not there",
        "prometheus: key that it does not know",
        "engine: file that may not be executed",
        "vllm: flag that is gone",
    }
)
