"""Faults injected into Redis, each with what cures it: its remedy to the letter."""

from __future__ import annotations

from tests.support.injected import Fault, Run

REDIS_DATA = ("--tmpfs", "/data:uid=999,gid=999")


def redis_run(*words: str, options: tuple[str, ...] = REDIS_DATA, until: str = "Ready to accept") -> Run:
    return Run(options, ("redis-server", *words), until=until)


def _redis_file(script: str, *words: str) -> Run:
    return Run(REDIS_DATA, ("sh", "-c", f"cd /data && {script} && exec redis-server {' '.join(words)}"))


REDIS = (
    Fault(
        "redis: directive of another version",
        "redis",
        redis_run("--nosuch", "yes"),
        redis_run(),
        "redis.start",
        "refuses its configuration",
        "take out",
        "Ready",
    ),
    Fault(
        "redis: value that is none",
        "redis",
        redis_run("--maxmemory", "banana"),
        redis_run("--maxmemory", "64mb"),
        "redis.start",
        "refuses its configuration",
        "correct",
        "Ready",
    ),
    Fault(
        "redis: configuration file missing",
        "redis",
        redis_run("/nowhere/redis.conf"),
        redis_run(),
        "container.mount",
        "configuration",
        "mount|correct",
        "Ready",
    ),
    Fault(
        "redis: data directory of root",
        "redis",
        redis_run("--appendonly", "yes", options=("--tmpfs", "/data:uid=0,gid=0,mode=0755")),
        redis_run("--appendonly", "yes"),
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
        redis_run("--appendonly", "yes"),
        "redis.start",
        "damaged",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: dump of a newer version",
        "redis",
        _redis_file("printf 'REDIS0099' > dump.rdb"),
        redis_run(),
        "redis.start",
        "newer version",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: dump damaged",
        "redis",
        _redis_file("echo garbagegarbage > dump.rdb"),
        redis_run(),
        "redis.start",
        "damaged",
        "remove the volume",
        "Ready",
    ),
    Fault(
        "redis: address of another machine",
        "redis",
        redis_run("--bind", "10.9.9.9"),
        redis_run("--bind", "0.0.0.0"),
        "container.port",
        "not one of its container",
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
            REDIS_DATA,
            ("redis-server", "--save", "1 1"),
            until="Ready to accept",
            after="redis-cli set a b; sleep 2",
        ),
        "redis.start",
        "may not write to its data directory",
        "chown -R 999:999|named volume",
        "saved",
    ),
    Fault(
        "redis: more than its limit",
        "redis",
        Run((*REDIS_DATA, "--memory", "24m", "--memory-swap", "24m"), ("sh", "-c", "tail /dev/zero")),
        redis_run(options=(*REDIS_DATA, "--memory", "256m")),
        "container.memory",
        "limit",
        "raise services.redis.memory",
        "Ready",
    ),
)
