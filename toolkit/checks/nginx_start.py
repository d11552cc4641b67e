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


_AT = r'.*?(?:upstream: "(?P<upstream>[^"]+)"|$)'
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
        says=r"413 (?:Request Entity|Content) Too Large|client intended to send too large (?:chunked )?body"
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
        "nothing listens there",
        says=r"connect\(\) failed \(111: Connection refused\) while connecting to upstream" + _AT,
        cause="the server behind does not accept: nothing listens at its address {upstream}; it is still starting, "
        "has ended, listens on 127.0.0.1 of its own container only, or on another port",
        remedy="look at that service's own finding; let it listen on 0.0.0.0, and compare the port with that of "
        "proxy_pass (the container's, not the published one)",
        weight=2,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "address that is no longer the server's",
        says=r"connect\(\) failed \(1(?:13|01): (?:No route to host|Host is unreachable|Network (?:is "
        r")?unreachable)"
        r"\) while connecting to upstream"
        + _AT
        + r"|upstream timed out \(110: [^)]*\) while connecting to upstream"
        + r'.*?(?:upstream: "(?P<late>[^"]+)"|$)',
        cause="the server behind is gone from its address {upstream}{late}: the container was made anew and has "
        "another one, as nginx looks names up once at its start, or both share no network",
        remedy="restart nginx; for good `resolver 127.0.0.11 valid=10s` and a variable in proxy_pass; put both into "
        "one network",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "answer that takes too long",
        says=r"upstream timed out \(110: [^)]*\) while reading (?:response header from )?upstream" + _AT,
        cause="the server behind takes longer for its answer than proxy_read_timeout (60 s unless it is set) "
        "allows",
        remedy="raise proxy_read_timeout (and proxy_send_timeout) of that location above the longest answer, let "
        "long answers be streamed; look at the queue of the server where they were quick before",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "connection that the server closed",
        says=r"upstream prematurely closed (?:FastCGI )?(?:stdout|connection) while reading"
        r"|(?:recv|send|writev|readv)\(\) failed \((?:104|32): [^)]*\) while (?:reading|sending)"
        r"(?: response header from| request to)? upstream" + _AT,
        cause="the server behind closed the connection before its answer was whole: it crashed or was restarted, or "
        "its own limit (time of a worker, keep-alive) is shorter than nginx'",
        remedy="look at that service's log at that second and at container.memory; keep-alive of the server longer "
        "than nginx' (keepalive_timeout of the upstream)",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "all servers of an upstream taken out",
        says=r"no live upstreams while connecting to upstream",
        cause="every server behind is taken out for fail_timeout after errors: those came before, and decide",
        remedy="look at the first error before it and at the services behind; with one server max_fails=0",
        weight=2,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "socket of the server behind",
        says=r"connect\(\) to unix:(?P<socket>\S+?):? failed \((?P<why>2: No such file|13: Permission denied"
        r"|111: Connection refused|11: Resource)",
        cause="the socket {socket} of the server behind cannot be used ({why}): it is not shared between both "
        "containers, belongs to another user, or nobody listens on it",
        remedy="one volume for it in both, a group that both are of, and start the server behind first",
        weight=3,
        lasting=True,
    ),
    Rule(
        "server behind that speaks something else",
        says=r"upstream sent (?:no valid HTTP/1\.0 header|invalid header|unexpected|unsupported|duplicate)"
        r"|upstream sent frame|upstream rejected request with error",
        cause="the server behind does not answer in the protocol that nginx asks with: another port, TLS or gRPC "
        "behind plain HTTP, or a header that is not allowed",
        remedy="compare scheme and port of proxy_pass with the service (http, https, grpc_pass); ask it with "
        "curl",
        weight=3,
        lasting=True,
    ),
    Rule(
        "TLS to the server behind",
        says=r"(?:SSL_do_handshake\(\) failed|peer closed connection in SSL handshake).*while SSL "
        r"handshaking to upstream"
        r"|upstream SSL certificate (?:verify error|does not match)",
        cause="TLS to the server behind fails: it speaks plain HTTP, wants a name (SNI), or its certificate is not "
        "trusted",
        remedy="https:// in proxy_pass only where it speaks TLS; proxy_ssl_server_name on and proxy_ssl_name; "
        "proxy_ssl_trusted_certificate",
        weight=4,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "headers too large for the buffer",
        says=r"upstream sent too big header while reading response header",
        cause="the headers of an answer (cookies, as a rule) do not fit proxy_buffer_size",
        remedy="proxy_buffer_size 16k, proxy_buffers 8 16k and proxy_busy_buffers_size 32k in that location",
        weight=4,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "limits of nginx",
        says=r"worker_connections are not enough|could not allocate node in cache keys zone"
        r"|no memory in (?:cache )?zone"
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
        says=r"SSL_do_handshake\(\) failed(?!.*to upstream)|wrong version number.*upstream"
        r"|plain HTTP request was sent to HTTPS port",
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
        "headers of the request too large",
        says=r"Request Header Or Cookie Too Large|client sent too long (?:header line|URI)|414 Request-URI "
        r"Too Large",
        cause="the headers of a request (cookies or a token, as a rule) do not fit large_client_header_buffers",
        remedy="large_client_header_buffers 4 32k in the server, or fewer cookies on that name",
        weight=3,
        lasting=True,
        status=Status.WARN,
    ),
    Rule(
        "round of redirections",
        says=r"ERR_TOO_MANY_REDIRECTS|redirected you too many times|Maximum \(\d+\) redirects followed",
        cause="two layers send each other back and forth: the outer one ends TLS, and the inner one does not know "
        "and sends to https again",
        remedy="`proxy_set_header X-Forwarded-Proto $scheme` (and Host), and let the application trust it",
        weight=3,
        lasting=True,
        status=Status.WARN,
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
