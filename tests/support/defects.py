"""Defects of a running stack, each with the verb that looks and the line that has to turn red."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support import injections as do

if TYPE_CHECKING:
    from tests.support.stack import Stack

Injected = Callable[["Stack"], Any]
SMOKE, HEALTH = ("smoke-test",), ("health-check", "--duration=8s")
LONGER = ("health-check", "--duration=20s")


@dataclass(frozen=True)
class Defect:
    """One defect; `kind` is its class, of which `make test` tries one each."""

    kind: str
    name: str
    inject: Injected
    verb: tuple[str, ...]
    red: str


def _of(kind: str, name: str, inject: Injected, verb: Sequence[str], red: str) -> Defect:
    return Defect(kind, name, inject, tuple(verb), red)


DEFECTS = (
    _of("stopped", "llm-fast is stopped", partial(do.stopped, "llm-fast"), HEALTH, "watch.services"),
    _of("stopped", "redis is stopped", partial(do.stopped, "redis"), SMOKE, "stores.answer"),
    _of("stopped", "mariadb is stopped", partial(do.stopped, "mariadb"), SMOKE, "stores.answer"),
    _of("stopped", "vector-db is stopped", partial(do.stopped, "vector-db"), SMOKE, "stores.answer"),
    _of("stopped", "response-cache is stopped", partial(do.stopped, "response-cache"), SMOKE, "api.cache"),
    _of("stopped", "prometheus is stopped", partial(do.stopped, "prometheus"), SMOKE, "metrics.answer"),
    _of("stopped", "the edge is stopped", partial(do.stopped, "edge"), HEALTH, "watch.errors"),
    _of(
        "stopped",
        "redis is started anew meanwhile",
        partial(do.restarted_meanwhile, "redis"),
        HEALTH,
        "watch.services",
    ),
    _of("hangs", "llm-general hangs", partial(do.paused, "llm-general"), HEALTH, "watch.errors"),
    _of("hangs", "llm-fast hangs", partial(do.paused, "llm-fast"), SMOKE, "api.chat"),
    _of("hangs", "the edge hangs", partial(do.paused, "edge"), HEALTH, "watch.errors"),
    _of("hangs", "mariadb hangs", partial(do.paused, "mariadb"), SMOKE, "stores.answer"),
    _of("hangs", "mariadb is locked", do.mariadb_locked, SMOKE, "stores.answer"),
    _of(
        "hangs",
        "redis hangs",
        partial(do.redis, "CLIENT PAUSE 12000", "CLIENT UNPAUSE"),
        SMOKE,
        "stores.answer",
    ),
    _of("slow", "the edge has no processor", partial(do.limited, "edge", "0.02"), HEALTH, "watch.light"),
    _of(
        "slow",
        "the cache stutters",
        partial(do.stuttering, "response-cache", 0.4, 0.2),
        HEALTH,
        "watch.light",
    ),
    _of(
        "slow", "llm-fast stutters", partial(do.stuttering, "llm-fast", 1.5, 0.3), HEALTH, "watch.first_token"
    ),
    _of(
        "slow",
        "llm-general has no processor",
        partial(do.limited, "llm-general", "0.05"),
        HEALTH,
        "watch.first_token",
    ),
    _of("slow", "mariadb has no processor", partial(do.limited, "mariadb", "0.01"), SMOKE, "stores.answer"),
    _of("key", "the toolkit's key is gone", do.key_gone, SMOKE, "api.models"),
    _of("key", "a key that is gone, watched", do.key_gone, HEALTH, "watch.errors"),
    _of("key", "a stranger's key is admitted", do.stranger_admitted, SMOKE, "api.refusals"),
    _of(
        "key",
        "redis has another password",
        partial(do.redis, "ACL SETUSER app resetpass >another", "ACL LOAD"),
        SMOKE,
        "stores.answer",
    ),
    _of(
        "key",
        "mariadb has another password",
        partial(
            do.mariadb,
            "ALTER USER toolkit@'%' IDENTIFIED BY 'another';",
            "ALTER USER toolkit@'%' IDENTIFIED BY '{password}';",
        ),
        SMOKE,
        "stores.answer",
    ),
    _of(
        "queue", "a queue that is full", partial(do.loaded, "general", 64, 1500, None), HEALTH, "watch.queue"
    ),
    _of("queue", "a queue that grows", partial(do.loaded, "general", 64, 3000, 6.0), HEALTH, "watch.queue"),
    _of(
        "leak",
        "the edge leaks 4 MiB a second",
        partial(do.growing, "edge", 1024, 0.25),
        HEALTH,
        "watch.growth",
    ),
    _of("leak", "memory of redis creeps", partial(do.growing, "redis", 512, 0.4), LONGER, "watch.growth"),
    _of("leak", "the edge is at its limit of memory", partial(do.full, "edge", 222), HEALTH, "watch.memory"),
    _of("cache", "a cache that is always cold", do.cold, HEALTH, "watch.cache"),
    _of("cache", "no cache at all", partial(do.stopped, "response-cache"), HEALTH, "watch.cache"),
    _of(
        "errors",
        "1.5 % of the light requests fail",
        do.failing,
        ("health-check", "--duration=12s"),
        "watch.errors",
    ),
    _of(
        "path", "llm-general gets no request", partial(do.aside, "llm-general/llm-general"), SMOKE, "api.chat"
    ),
    _of("path", "there is no stand-in", partial(do.aside, "llm-general/llm-general"), SMOKE, "api.fallback"),
    _of("path", "llm-fast is cut off", partial(do.cut_off, "llm-fast", "inference"), SMOKE, "api.chat"),
    _of(
        "data",
        "mariadb takes no writes",
        partial(do.mariadb, "SET GLOBAL read_only = 1;", "SET GLOBAL read_only = 0;"),
        SMOKE,
        "stores.answer",
    ),
    _of(
        "data",
        "the vector extension is gone",
        partial(do.postgresql, "DROP EXTENSION vector;", "CREATE EXTENSION vector;"),
        SMOKE,
        "stores.answer",
    ),
)
