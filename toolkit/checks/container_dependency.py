"""Does a service find the others it needs?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "service looked for in the container itself",
        says=r"ECONNREFUSED (?:127\.0\.0\.1|::1):(?P<port>\d+)|Error 111 connecting to (?:localhost"
        r"|127\.0\.0\.1):(?P<of>\d+)"
        r"|connection to server at \"(?:localhost|127\.0\.0\.1)\".*Connection refused"
        r"|running on host \"(?:localhost|127\.0\.0\.1)\"",
        cause="it looks for another service at localhost (port {port}{of}): in a container that is the "
        "container itself",
        remedy="the service's name instead of localhost in its address (`uses:` gives it), and the "
        "container's own port",
        weight=3,
        lasting=True,
        rejects=("the other service: it was never asked",),
    ),
    Rule(
        "service that does not listen",
        says=r"ECONNREFUSED (?P<addr>(?!127\.)\d+\.[\d.]+:\d+)|Error 111 connecting to (?P<name>(?!localhost"
        r"|127\.)\S+?:\d+)",
        cause="nothing listens at {addr}{name}: that service still starts, has ended, or listens on another "
        "port",
        remedy="look at its own finding; wait for its health (`uses:` does), and compare the port",
        weight=2,
        lasting=True,
    ),
    Rule(
        "dependency that ended",
        says=r"dependency failed to start: container (?P<name>\S+) exited \((?P<code>\d+)\)"
        r"|service \"(?P<task>[\w.-]+)\" didn't complete successfully: exit (?P<exit>\d+)",
        cause="the service {name}{task} that was waited for ended with {code}{exit}: its own error decides",
        remedy="look at its own finding and log; this one was never started",
        weight=4,
        rejects=("start_period: it did not load, it ended",),
    ),
    Rule(
        "dependency that did not become healthy",
        says=r"dependency failed to start(?:: container (?P<name>\S+) is unhealthy)?(?!: container \S+ exited"
        r"|: Error)"
        r"|dependency (?P<other>\S+) failed to start",
        cause="another service was waited for and did not become healthy in time: while it still loads, "
        "its start_period is shorter than its load time",
        remedy="raise services.*.health.start_period of that service to its load time (120s to 10m), not its "
        "retries, which would hide later failures; if it ended, look at its own finding",
        weight=2,
        rejects=("retries are too few: more of them also hide a later outage",),
    ),
    Rule(
        "name of another service that is not known",
        says=r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<name>[a-z][a-z0-9-]*)(?![\w.-])"
        r"|Error -[235] connecting to (?P<py>[\w-]+):\d+"
        r"|could not translate host name \"(?P<pg>[\w-]+)\" to address"
        r"|Unknown (?:MySQL )?server host '(?P<my>[\w-]+)'"
        r"|lookup (?P<go>[a-z][a-z0-9-]*) on 127\.0\.0\.11:53: (?:no such host|server misbehaving)"
        r"|Could not connect to Redis at (?P<rd>[\w-]+):\d+: (?:Name or service not known"
        r"|Temporary failure)",
        cause="the container {name}{pg}{my}{go}{rd}{py} is not known by that name: it does not run, is in "
        "another network, or is called otherwise",
        remedy="start it, put both into one network (`uses:` of the service), or correct the name",
        weight=4,
    ),
    Rule(
        "localhost inside of a container",
        says=r"(?:ECONNREFUSED|[Cc]onnection refused|connect: connection refused"
        r"|Can't connect to).{0,60}(?:127\.0\.0\.1|localhost|\[?::1\]?)|(?:127\.0\.0\.1|localhost"
        r"|::1)\S{0,8}.{0,60}(?:refused|ECONNREFUSED)|tcp 127\.0\.0\.1:\d+: connect",
        cause="the service asks for another one at localhost, which inside of a container is the container "
        "itself",
        remedy="name the other service by its name in Compose (redis, mariadb, vector-db, edge)",
        weight=2,
        services=r"api|chat|auth|train|app|web|worker|search",
        lasting=True,
    ),
    Rule(
        "variable that is not set",
        says=r"KeyError: '(?P<py>[A-Z][A-Z0-9]*_[A-Z0-9_]+)'|(?:[Ee]nvironment variable"
        r"|env var)s? \W?(?P<env>[A-Z][A-Z0-9_]+)\W? (?:is |are )?(?:not set|missing|required"
        r"|undefined)|[Mm]issing (?:required )?environment variables?:? (?P<miss>[A-Z][A-Z0-9_]+)"
        r"|variable is not set: (?P<v>\w+)",
        cause="the variable {py}{env}{miss}{v} that the service needs is not set",
        remedy="set it in {section}.environment, or name what provides it under `uses:`",
        weight=3,
    ),
    Rule(
        "IPv6 for localhost",
        says=r"\[?::1\]?[: ]\d+.*(?:[Rr]efused|unreachable)|localhost.*::1.*refused",
        cause="localhost is ::1 there, and the server listens on IPv4 alone",
        remedy="127.0.0.1 instead of localhost in the health check",
        weight=2,
        lasting=True,
    ),
    Rule(
        "name with an underscore",
        says=r"invalid Host header|Invalid HTTP_HOST header|[Bb]ad [Rr]equest.*(?:underscore|hostname)"
        r"|hostname contains invalid characters",
        cause="the name of the service is no valid host name (an underscore), or is not among the allowed "
        "ones",
        remedy="name it with - instead of _, or add it to ALLOWED_HOSTS",
        weight=2,
        services=r"api|chat|auth|train|app|web|worker|search",
    ),
)


@check(
    "container.dependency",
    "A service finds what it depends on",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_dependency(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a service does not reach, or does not wait long enough for, another one.

    Of a dependency that ended its own error decides; one that still loads wants a longer start_period, not more
    retries. In a container localhost is the container itself.
    """
    return read(RULES, plan, seen)
