"""Does nginx start and pass everything on?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_NG = r"cache|nginx|proxy|web|^compose|edge"


def _inner(hit: Hit, scene: Scene) -> Iterator[Signal]:
    versions = set(
        re.findall(r"nginx/[\d.]+", next((a.text for a in scene.accounts if a.subject == hit.subject), ""))
    )
    if len(versions) > 1:
        yield speaks_for(f"two versions answer: {', '.join(sorted(versions))}", 2)


RULES = (
    Rule(
        "name of an upstream that is not there",
        says=r"host not found in upstream \"?(?P<name>[^\"\s]*)|could not be resolved \((?:3|2|110)"
        r"|host not found in",
        cause="nginx looks up {name} once while it reads its configuration: that container is absent, "
        "renamed, misspelt or in another network (depends_on only orders the start)",
        remedy="`resolver 127.0.0.11` and a variable in proxy_pass, so that it is looked up per request; "
        "put both into one network, compare the name letter by letter",
        weight=3,
    ),
    Rule(
        "answers are buffered",
        says=r"upstream response is buffered to a temporary file|first (?:token|byte|event"
        r"|piece).*(?:at the end|all at once|with the last)|stream.*(?:one piece|one blob|all at once"
        r"|at once)",
        cause="nginx collects the stream before it passes it on: proxy_buffering is on, and the answer has "
        "no X-Accel-Buffering: no",
        remedy="`proxy_buffering off` for that location, or the header X-Accel-Buffering: no from the "
        "server (and nobody who strips it)",
        weight=2,
        lasting=True,
        status=Status.WARN,
        rejects=("the model server: asked directly it streams; short answers work, as they fit the buffer",),
    ),
    Rule(
        "body too large for an inner layer",
        says=r"413 (?:Request Entity|Content) Too Large|client intended to send too large body"
        r"|client_max_body_size|status[= ]413|^413\b",
        cause="a layer refuses bodies of this size: the include with the new limit is not loaded, or a "
        "second nginx behind the first has its own (compare the version in the error page)",
        remedy="`nginx -T` shows what is loaded; raise client_max_body_size on the layer that answers, the "
        "inner one as well",
        weight=2,
        facts=_inner,
        lasting=True,
        status=Status.WARN,
        rejects=("the outer limit: it was raised, and the answer stayed the same",),
    ),
    Rule(
        "wrong line in its configuration",
        says=r"\[emerg\] .*(?:unknown directive|invalid (?:number|value|parameter|variable)|unexpected"
        r"|is not terminated|directive is not allowed|is duplicate|duplicate|no \"?(?:events"
        r"|ssl_certificate)|unknown \"?\w+\"? variable|conflicting|has no \"?;)(?P<why>.*)",
        cause="nginx refuses its configuration",
        remedy="correct the line that it names (file:line stands at its end); `nginx -t` checks it without "
        "a start",
        weight=3,
    ),
    Rule(
        "file or socket that it may not use",
        says=r"\[emerg\] .*(?:open|mkdir|bind|chown)\(.*(?:Permission denied|Read-only file system"
        r"|Operation not permitted|No such file)|(?:cannot load certificate|SSL_CTX_use_PrivateKey"
        r"|BIO_new_file).*",
        cause="nginx may not make or read a file: a directory for its cache, its pid, a socket or a "
        "certificate",
        remedy="give it a tmpfs or volume of its user (uid 101) there; a certificate needs its path and mode",
        weight=2,
    ),
    Rule(
        "socket left behind",
        says=r"bind\(\) to unix:\S+ failed \(98: (?:Address|Address already) in use"
        r"|bind\(\) to unix:(?P<path>\S+) failed",
        cause="the socket file of the instance before is still there: a killed nginx does not remove it",
        remedy="remove the socket file before the start (the shipped command does), then restart the service",
        weight=4,
        rejects=("a second server: it is a file, not a port",),
    ),
    Rule(
        "upstream refuses or is too slow",
        says=r"connect\(\) failed \(1\d\d|upstream timed out \(110|no live upstreams"
        r"|upstream prematurely closed|recv\(\) failed \(104|connect\(\) to unix:\S+ failed",
        cause="the server behind does not accept, is too slow, or went away in the middle",
        remedy="look at that server's own finding; raise proxy_read_timeout only for answers that are "
        "merely long",
        weight=1,
        lasting=True,
        status=Status.WARN,
        services=_NG,
    ),
    Rule(
        "limits of nginx",
        says=r"worker_connections are not enough|could not allocate node in cache keys zone"
        r"|no memory in (?:cache )?zone|upstream sent too big header"
        r"|could not build .*hash, you should increase",
        cause="one of nginx' own limits is reached: connections, a zone of shared memory, or the buffer "
        "for headers",
        remedy="raise the one that the line names (worker_connections, keys_zone size, proxy_buffer_size, "
        "…_hash_bucket_size)",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "TLS and plain HTTP mixed up",
        says=r"SSL_do_handshake\(\) failed|wrong version number.*upstream"
        r"|plain HTTP request was sent to HTTPS port|upstream SSL certificate verify error",
        cause="nginx speaks TLS to a server that does not, or the other way round",
        remedy="http:// or https:// in proxy_pass as the server behind speaks",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "limit of requests",
        says=r"limiting (?:requests|connections)(?:, excess| by zone)",
        cause="clients ask more often than limit_req or limit_conn allow",
        remedy="raise the limit, or let clients wait and retry",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "no resolver",
        says=r"no resolver defined to resolve (?P<name>\S+)",
        cause="proxy_pass holds a variable, and nothing tells how to look up {name}",
        remedy="`resolver 127.0.0.11` in that server",
        weight=3,
        lasting=True,
    ),
    Rule(
        "websocket that is not passed on",
        says=r"websocket.*(?:400|failed|handshake)|Upgrade.*header.*(?:missing|required)|can not upgrade"
        r"|Error during WebSocket handshake",
        cause="nginx does not pass on the upgrade to a websocket",
        remedy='proxy_http_version 1.1 with the headers Upgrade and Connection "upgrade"',
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "nginx.start",
    "nginx starts and passes everything on",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def nginx_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why nginx does not start, or does not pass on what it should.

    Names in proxy_pass are looked up at the start: `host not found in upstream` is a container that is away,
    misspelt or in another network. A stream that arrives as one piece is buffering, with no error in any log. A
    413 that stays comes from another layer: compare the version in the error page.
    """
    return read(RULES, plan, seen)
