"""Does HAProxy start and reach its servers?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _serves_again(hit: Hit, scene: Scene) -> Iterator[Signal]:
    # The log keeps it long after the servers have come back, as they do after every restart.
    if scene.serves(hit.words.get("backend", "")):
        yield against("its server serves by now", 3)


_HA = r"edge|haproxy|proxy|lb|^compose"
RULES = (
    Rule(
        "name of a server that is not there yet",
        says=r"could not resolve address '?(?P<name>[\w.-]+)'?|Failed to initialize server\(s\) addr",
        cause="HAProxy looks up its servers once while it reads its configuration, and {name} is not there "
        "yet; a `resolvers` section only counts afterwards",
        remedy="`default-server init-addr last,libc,none resolvers docker`, with a resolvers section for "
        "127.0.0.11",
        weight=3,
        rejects=("the resolvers section is wrong: it does not apply at the start",),
    ),
    Rule(
        "limit of open files without end",
        says=r"Not enough memory to allocate (?P<entries>\d+) entries for fdtab"
        r"|No polling mechanism available|fdtab",
        cause="the ulimit nofile is infinite since an update of docker or containerd, and HAProxy sizes "
        "its table of connections from it ({entries} entries)",
        remedy="set `maxconn` (or fd-hard-limit) in the global section, or lower the ulimit nofile: "
        "ulimits nofile 65535",
        weight=3,
        rejects=(
            "a build without epoll: `rebuild with TARGET=` only follows",
            "a leak: it takes the memory at once, at its start",
        ),
    ),
    Rule(
        "socket that it may not make",
        says=r"cannot bind UNIX socket (?:\((?P<why>[\w ]+)\) )?\[(?P<path>[^\]]+)\]|cannot (?:bind"
        r"|create) (?:UNIX|unix|listening) socket.*(?:Permission|permission)",
        cause="HAProxy cannot make the socket {path}: its directory is not there, or is root's",
        remedy="put `stats socket` into a directory of its user (change the path), or give it a tmpfs",
        weight=3,
        rejects=(
            "a protocol is missing: `Some protocols failed to start` is the last line of every such failure",
        ),
    ),
    Rule(
        "IPv6 that is off",
        says=r"cannot create listening socket \[:::|cannot bind socket.*(?:Address family not supported"
        r"|\[:::)",
        cause="the configuration listens on IPv6, which is off on this host",
        remedy="bind to 0.0.0.0 alone, or switch IPv6 on",
        weight=3,
    ),
    Rule(
        "server does not accept in time",
        says=r"\"termination_state\": ?\"s[CQ]|\bs[CQ]--|\bSC--|termination_state[\"=: ]+SC"
        r"|Connection refused.*(?:backend|Layer4)|Layer4 (?:timeout|connection problem)",
        cause="the server behind does not accept connections within `timeout connect`: it is overloaded, "
        "not listening, or gone",
        remedy="look at that server first (is it up, does it listen, is its queue full); raise `timeout "
        "connect` only where it is merely slow: services.edge.timeouts.connect",
        weight=2,
        lasting=True,
        status=Status.WARN,
        rejects=("HAProxy closes early: the state says that the connection to the server was never made",),
    ),
    Rule(
        "no server left",
        says=r"(?:backend|proxy) '?(?P<backend>[\w-]+)'? has no server available|<NOSRV>"
        r"|No server is available to handle this request",
        cause="all servers of {backend} are down for HAProxy",
        remedy="look at their own findings: the edge is only the messenger",
        weight=1,
        facts=_serves_again,
        lasting=True,
    ),
    Rule(
        "lookups without end",
        says=r"\[?resolver\]? failed to query external DNS server|resolvers?.*(?:timeout|nxdomain"
        r"|NX).*(?:repeat|storm)|failed to query external DNS",
        cause="a name that is not found is asked for again and again: HAProxy's resolvers retry fast, and "
        "the engine's DNS passes all of it on outside",
        remedy="raise `timeout retry`, `hold nx` and `hold other` of the resolvers section, resolve-prefer "
        "ipv4; names of containers that are away cause it",
        weight=2,
        lasting=True,
        status=Status.WARN,
        rejects=("the engine is at fault: dockerd only answers what it is asked",),
    ),
    Rule(
        "certificate that it cannot read",
        says=r"unable to (?:load|stat) (?:SSL )?(?:certificate|private key|file)"
        r"|inconsistencies between private key and certificate|No Private Key found"
        r"|unable to open CA file",
        cause="a certificate is missing, unreadable, or does not go with its key",
        remedy="certificate, chain and key in one file that HAProxy's user may read",
        weight=3,
    ),
    Rule(
        "wrong line in its configuration",
        says=r"parsing \[(?P<where>[^\]]+)\] ?:? ?(?P<why>(?!.*(?:ignored|deprecated|will be removed)).*)"
        r"|unknown keyword '(?P<word>[^']+)'"
        r"|Missing LF on last line|unable to find required (?:use_backend|default_backend|resolvers"
        r"|server)|Proxy '[^']+': (?:unable|no|missing)",
        cause="HAProxy refuses its configuration at {where}: {why}{word}",
        remedy="correct that line (an override of templates/edge); `haproxy -c -f` checks it without a start",
        weight=2,
        services=_HA,
    ),
    Rule(
        "server answers too late",
        says=r"\bs[HD]--|termination_state\W+s[HD]|<NOSRV> sQ|\bsQ--|504 Gateway Time-out",
        cause="the server behind takes longer than `timeout server` (sH), or the request waited for a "
        "place in vain (sQ)",
        remedy="answers that last long are to be streamed; look at the queue of that server; raise "
        "services.edge.timeouts.read",
        weight=2,
        status=Status.WARN,
        lasting=True,
        services=_HA,
    ),
    Rule(
        "answer that HAProxy refuses",
        says=r"\bPH--|termination_state\W+PH",
        cause="the answer of the server is not valid HTTP for HAProxy (a header that is not allowed, or headers "
        "larger than tune.bufsize), so that it says 502 itself",
        remedy="`show errors` on its socket shows the answer; raise tune.bufsize, or http-response rules",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "worker that was killed",
        says=r"[Ww]orker \S*\s*\(\d+\) exited with code 137",
        cause="HAProxy's worker was killed: its memory went over the limit, as maxconn and buffers want more",
        remedy="raise services.edge.memory, or lower maxconn and tune.bufsize; see container.memory",
        weight=3,
    ),
    Rule(
        "server ends before it answers",
        says=r"\bS[HD]--|termination_state\W+S[HD]",
        cause="the server behind closed the connection before or within its answer: it crashed or was "
        "restarted",
        remedy="look at that server's own finding",
        weight=1,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "server marked down",
        says=r"Server (?P<name>\S+) is DOWN, reason: (?P<why>[^,]+)",
        cause="HAProxy took the server {name} out: {why}",
        remedy="look at that server's own finding",
        weight=1,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "files that may be opened are too few",
        says=r"Cannot raise FD limit|set the limit.*descriptors|FD limit \((?P<has>\d+)\) too low"
        r"|maxconn.*(?:ulimit|too low)",
        cause="the ulimit nofile is lower than maxconn needs",
        remedy="raise the ulimit nofile of the service, or lower services.edge.max_connections",
        weight=2,
    ),
    Rule(
        "request that it refuses",
        says=r"\bPR--|<BADREQ>|400 Bad request|invalid request.*header|too big headers?|bufsize",
        cause="HAProxy refuses the request before any server sees it: not valid, or its headers are larger "
        "than tune.bufsize",
        services=_HA,
        remedy="`show errors` on its socket shows the last one; raise tune.bufsize where headers are meant "
        "to be so large",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "connection that is upgraded ends",
        says=r"timeout tunnel|\bcD--|websocket.*(?:closed|timeout|1006)",
        cause="an idle websocket or stream ends at the client's timeout",
        remedy="set `timeout tunnel`, or let the application send pings",
        weight=1,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "haproxy.start",
    "HAProxy starts and reaches its servers",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def haproxy_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why HAProxy does not start, or does not reach a server.

    `Some protocols failed to start` and `Fatal errors found in configuration` end every failure: the line above
    decides. Names are looked up at the start unless init-addr says none. An infinite ulimit nofile makes it want
    gigabytes. State sC means that the server behind did not accept: look there first.
    """
    return read(RULES, plan, seen)
