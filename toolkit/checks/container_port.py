"""Is the port free?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.diagnosis.lines import Source
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# A socket in a directory is no port.
_TAKEN = (
    r"^(?!.*\bunix:).*?(?:(?P<address>\d+\.\d+\.\d+\.\d+(?:', |:)\d+).*[Aa]ddress already in use"
    r"|[Aa]ddress (?:already )?in use|cannot bind socket \[|port is already allocated|EADDRINUSE"
    r"|Only one usage of each socket address|ports are not available)"
)
_NOT_OURS = r"[Cc]annot assign requested address|EADDRNOTAVAIL"


def _holder(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.ports:
        if (
            one.holder
            and "docker-proxy" not in one.holder
            and (one.service == hit.subject or str(one.port) in hit.line.text)
        ):
            yield speaks_for(f"{one.address}:{one.port} is held by {one.holder}", 2)


def _stale(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if "already allocated" not in hit.line.text:
        yield against("a process holds the port, not the engine's own list", 1)
    proxies = [one for one in scene.ports if "docker-proxy" in one.holder]
    for one in proxies:
        yield speaks_for(
            f"{one.address}:{one.port} is held by {one.holder}, which belongs to no container", 3
        )
    listed = [one for one in scene.ports if str(one.port) in hit.line.text or one.service == hit.subject]
    if "already allocated" in hit.line.text and listed and not any(one.holder for one in listed):
        yield speaks_for("no container and no other process holds it", 3)
    if scene.told(hit.subject, r"docker-proxy"):
        yield speaks_for("the lines beside it name docker-proxy", 2)


def _by_the_engine(hit: Hit) -> bool:
    return hit.line.source is Source.ENGINE or bool(
        re.search(r"listen (?:tcp|udp)|userland proxy|external connectivity", hit.line.text)
    )


def _of_the_engine(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if not _by_the_engine(hit):
        yield against("the server itself says so, from inside of its container", 3)


def _of_the_server(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if not _by_the_engine(hit):
        yield speaks_for("the server itself says so, from inside of its container", 3)


def _inside(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    if re.search(
        r"bind on address|Errno 98|uvicorn|bind\(\)|Could not create server TCP|bind: Address", hit.line.text
    ):
        yield speaks_for("the server itself says so, from inside of its container", 1)


RULES = (
    Rule(
        "port of another process or container",
        says=_TAKEN,
        cause="another process or container already listens on the port {address}",
        remedy="`ss -ltnp` and `docker ps` name it; stop it, or change the port: {section}.port",
        weight=2,
        facts=_holder,
    ),
    Rule(
        "left-over docker-proxy",
        says=_TAKEN,
        cause="the engine holds the port for a container that is gone: an orphaned docker-proxy, or stale "
        "state after a crash of the daemon",
        remedy="restart the engine (`systemctl restart docker`); kill the docker-proxy that `ss -ltnp` "
        "names; another port for the time being: {section}.port",
        weight=0,
        facts=_stale,
        rejects=("another container: `docker ps` lists none with this port",),
    ),
    Rule(
        "port proxy of the engine",
        says=r"Error starting userland proxy(?!.*(?:in use|allocated|permission|assign))",
        cause="the engine's own port proxy is stuck: it fails for a port that nobody holds",
        remedy="restart the engine (of Docker Desktop: quit it and start it again)",
        weight=3,
    ),
    Rule(
        "second server in the same network",
        says=r"bind on address.*address already in use|\[Errno 98\]|bind\(\) to (?!unix:)\S+ failed \(98"
        r"|could not bind .*Address already in use|Can't start server: Bind on TCP/IP port"
        r"|Could not create server TCP listening socket.*in use|bind: Address already in use",
        cause="two servers want the same port in one network (network_mode: host, or a second one in the "
        "same container); the weights were loaded in vain",
        remedy="change the port of one of them (--port), or leave host networking: {section}.port",
        weight=1,
        facts=_inside,
    ),
    Rule(
        "port that the system keeps",
        says=r"bind\(\) to \S*:\d{1,3} failed \(13|:(?:80|443)\b.*[Pp]ermission denied"
        r"|[Pp]ermission denied.*:(?:80|443)\b"
        r"|cannot bind socket \(Permission denied\)|cannot expose privileged port"
        r"|forbidden by its access permissions",
        cause="ports under 1024 are for root, and the service does not run as root (or the engine is "
        "rootless)",
        remedy="take a port from 1024 on: {section}.port",
        weight=2,
    ),
    Rule(
        "address of another machine",
        says=_NOT_OURS,
        cause="the address to listen on is not one of this machine",
        remedy="`ip address` lists this machine's; correct {section}.address or hosts.*.address",
        weight=3,
        facts=_of_the_engine,
    ),
    Rule(
        "address that is not the container's",
        says=_NOT_OURS,
        cause="the server shall listen on an address that is not one of its container: those of the host are not",
        remedy="let it listen on 0.0.0.0 (`bind 0.0.0.0`, `--host 0.0.0.0`); where the host answers for it is "
        "what {section}.address says",
        weight=0,
        facts=_of_the_server,
    ),
)


@check(
    "container.port",
    "The port of the service is free",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=("port.free",),
)
def container_port(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say who holds the port that a service wants.

    Another process, another container, or the engine itself for a container that is gone (an orphaned
    docker-proxy: then `docker ps` shows nothing, and only a restart of the engine helps). In host networking two
    servers meet on one port, after a full load of the weights. port.free names the holder by its process.
    """
    return read(RULES, plan, seen)
