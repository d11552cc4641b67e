"""Why does HAProxy count a server as down?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _serves(hit: Hit, scene: Scene) -> Iterator[Signal]:
    # The log keeps it long after the server has come back.
    backend, _, name = hit.words.get("name", "").partition("/")
    if any(part and scene.serves(part) for part in (name, backend)):
        yield against("that server serves by now", 3)


RULES = (
    Rule(
        "check that expects another answer",
        says=r"[Ss]erver (?P<name>\S+)(?: is DOWN| failed), reason: Layer7 (?:wrong status|invalid "
        r"response)(?:, code: (?P<code>\d+))?",
        cause="the server {name} answers, but not as the health check expects {code}: the check asks a path that "
        "needs a login (401, 403), is not there (404) or redirects, or the service itself is not ready (5xx)",
        remedy="let the check ask a path that answers 2xx without a login (`option httpchk GET /health`), or say "
        "what it expects (`http-check expect status 200-399`); for 5xx look at that service",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
        rejects=("the network: the server did answer",),
    ),
    Rule(
        "nothing listens there",
        says=r"[Ss]erver (?P<name>\S+)(?: is DOWN| failed), reason: Layer4 connection problem|L4CON\b",
        cause="nothing listens at the address of {name}: the service is down, still starts, listens on 127.0.0.1 "
        "only, or the port is another one",
        remedy="look at that service's own finding; compare the port, and let it listen on 0.0.0.0",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
        rejects=("HAProxy: the connection was refused by the other side",),
    ),
    Rule(
        "nobody comes through",
        says=r"[Ss]erver (?P<name>\S+)(?: is DOWN| failed), reason: Layer4 timeout|L4TOUT\b",
        cause="connections to {name} get no answer at all: another network, a firewall, an address that is stale, "
        "or a host that is overloaded",
        remedy="put both into one network and name the service instead of an address; look at the firewall, and at "
        "the load of that service",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "answer that comes too late",
        says=r"[Ss]erver (?P<name>\S+)(?: is DOWN| failed), reason: Layer7 timeout|L7TOUT\b",
        cause="{name} accepts, and answers the health check later than `timeout check` or `inter` allow: it "
        "is busy or hangs",
        remedy="look at its load; raise `timeout check`, or let the check ask something light",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "TLS between them",
        says=r"[Ss]erver (?P<name>\S+)(?: is DOWN| failed), reason: Layer6|SSL handshake failure.*check"
        r"|L6(?:TOUT|RSP)\b",
        cause="HAProxy and {name} do not agree on TLS: one speaks it and the other does not, or the "
        "certificate is not trusted",
        remedy="`ssl verify none` or `ca-file` on the server line as the service speaks; without TLS take `ssl` and "
        "`check-ssl` out",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "server whose name is gone",
        says=r"[Ss]erver (?P<name>\S+) is going DOWN for maintenance \((?P<why>DNS [^)]+|No IP[^)]*"
        r"|[^)]*resolution[^)]*)\)",
        cause="the name of {name} is not found (any more): its container is away, in another network or "
        "renamed ({why})",
        remedy="start that service, put both into one network; it comes back by itself with a resolvers "
        "section",
        weight=3,
        facts=_serves,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "limit of connections of the process",
        says=r"reached process FD limit|Too many open files.*accept|maxconn.*reached",
        cause="HAProxy has as many connections open as its limit of files allows",
        remedy="raise the ulimit nofile of the service with services.edge.max_connections",
        weight=3,
        lasting=True,
    ),
)


@check(
    "haproxy.servers",
    "HAProxy's checks reach its servers",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=("haproxy.start", "edge.backends"),
)
def haproxy_servers(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Tell by the layer on which HAProxy's check of a server fails why that counts as down.

    Layer 4: nothing listens there, or nobody comes through. Layer 6: TLS. Layer 7: it answers, but not with what the
    check expects, so that the server may well serve. DNS: its container is gone or not in the network.
    """
    return read(RULES, plan, seen)
