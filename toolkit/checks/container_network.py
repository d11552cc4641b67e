"""Do the networks fit?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "no address range left",
        says=r"non-overlapping IPv4 address pool|predefined address pools have been fully subnetted"
        r"|Pool overlaps with other one|invalid pool request",
        cause="no address range is left for another network: about 31 bridge networks fit into the "
        "engine's default pools, and old ones stayed behind",
        remedy="`docker network prune` removes the unused ones; for good smaller pools (/24) in "
        "default-address-pools of /etc/docker/daemon.json",
        weight=3,
        rejects=("the engine hangs: a restart does not free networks",),
    ),
    Rule(
        "name of a container in use",
        says=r"container name \"/?(?P<name>[^\"]+)\" is already in use",
        cause="a container named {name} is there already, of another project or left over",
        remedy="`docker inspect {name}` shows whose it is; if of no use: `docker rm -f {name}`",
        weight=2,
    ),
    Rule(
        "container that cannot be removed",
        says=r"is marked for removal|removal of container \S+ is already in progress"
        r"|device or resource busy.*(?:rm|remove)|Dead\b.*remov|cannot (?:stop|kill"
        r"|remove) container.*(?:tried to kill|did not receive an exit)",
        cause="a container is stuck in its removal (Dead): the engine could not take it down",
        remedy="restart the engine (`systemctl restart docker`), then `docker rm -f` it",
        weight=3,
        rejects=("somebody uses the name: the container is already marked for removal",),
    ),
    Rule(
        "stale entry of a container in a network",
        says=r"endpoint with name (?P<name>\S+) already exists in network|already (?:connected"
        r"|attached) to network"
        r"|network sandbox .*not found|has active endpoints|could not find network sandbox",
        cause="the engine still has a container {name} in its network that is gone, as after a crash of "
        "the engine",
        remedy="`docker network disconnect -f NETWORK CONTAINER`, or restart the engine",
        weight=3,
    ),
    Rule(
        "rules of the firewall gone",
        says=r"iptables.*(?:No chain/target/match|failed|Chain 'DOCKER' does not exist)"
        r"|COMMAND_FAILED.*iptables"
        r"|driver failed programming external connectivity.*iptables|DOCKER-ISOLATION",
        cause="the engine's rules of iptables are gone: a firewall was reloaded after the engine started",
        remedy="`systemctl restart docker` writes them anew",
        weight=3,
    ),
    Rule(
        "network that was made otherwise",
        says=r"network \S+ was found but has incorrect label|needs to be recreated - option"
        r"|networks? with name \S+ (?:already exists|were found)|Use network ID as `name`",
        cause="a network of that name was made by somebody else or with other options",
        remedy="`toolkit down`, `docker network rm` that one, then `toolkit up`",
        weight=3,
    ),
    Rule(
        "network that is not there",
        says=r"[Nn]etwork (?P<ext>\S+) declared as external, but could not be found"
        r"|network (?P<name>[\w.-]+) not found|external volume \"?(?P<vol>[\w.-]+)\"? not found",
        cause="the network {ext}{name} {vol} is not there: an external one is made by hand, and a container that "
        "was made before keeps the id of a network that was removed since",
        remedy="`docker network create` it where it is external; else recreate the container (`toolkit down`, then "
        "`toolkit up`; `docker compose up --force-recreate`)",
        weight=3,
    ),
    Rule(
        "address outside of the network",
        says=r"user specified IP address is supported only|no configured subnet (?:or ip-range )?contains?"
        r"|invalid address.*subnet|Address already in use(?= for)|address already allocated",
        cause="the fixed address of a container does not lie in the network's subnet, is taken, or the "
        "network has none",
        remedy="give the network a subnet (ipam) that holds it, or take the fixed address out: names suffice",
        weight=3,
    ),
    Rule(
        "client older than the engine",
        says=r"client version (?P<has>[\d.]+) is too old\. Minimum supported API version is "
        r"(?P<least>[\d.]+)|client version (?P<new>[\d.]+) is too new"
        r"|client (?:is newer than server|and server don't have same version) \(client(?: API version)?: ?"
        r"(?P<newer>[\d.]+)"
        r"|Maximum supported API version is|API version (?P<no>[\d.]+) is not supported",
        cause="a tool speaks an API ({has}{new}{newer}{no}) that this engine no longer or not yet has (from 29 on "
        "at least {least})",
        remedy="update that tool (proxies and updaters carry a client of their own); as a stopgap lower "
        "min-api-version in /etc/docker/daemon.json, or set DOCKER_API_VERSION for it",
        weight=3,
        lasting=True,
        rejects=("the containers: they are healthy, it is the tool that cannot ask for them",),
    ),
    Rule(
        "limit that the machine refuses",
        says=r"error setting rlimit type (?P<type>\d+)|cpus? .*Range of CPUs is from"
        r"|[Rr]ange of CPUs is from|[Mm]inimum memory limit allowed|requested CPUs are not available"
        r"|Minimum memory(?:swap| reservation)|swap limit capabilities|CPU CFS scheduler",
        cause="a limit of the profile is more than engine or machine allow",
        remedy="lower it in {section}: `toolkit preflight` tries each",
        weight=3,
    ),
    Rule(
        "control groups of the host",
        says=r"cgroup(?:s|v2)?.*(?:no such file|not mounted|mountpoint does not exist|not supported"
        r"|permission denied)|failed to (?:create|write).*cgroup|unable to apply cgroup configuration"
        r"|Devices cgroup isn't mounted|/sys/fs/cgroup\S*:? .{0,30}(?:not permitted|denied)",
        cause="engine and control groups of the host do not go together (cgroup v2 with an old engine, or "
        "an unfinished start)",
        remedy="restart the engine; update docker and runc where the host has cgroup v2",
        weight=3,
    ),
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
        "control groups that the runtime cannot use",
        says=r"cgroup (?:config|configuration)|mountpoint for cgroup not found|devices cgroup doesn't match"
        r"|mount cgroup|\"cgroup\" to rootfs|cgroup subsystem devices not found|devices\.allow"
        r"|cgroup2?: unknown option|cgroup-parent for systemd",
        cause="engine, runtime and the control groups of the host do not go together: an engine inside of "
        "another container, groups that are not mounted, or a runtime too old for cgroup v2",
        remedy="update docker, runc and nvidia-container-toolkit; mount control groups (on hosts without "
        "systemd cgroupfs-mount), restart the engine",
        weight=3,
    ),
    Rule(
        "engine inside of a container",
        says=r"unable to apply caps|apply caps: operation not permitted|Operation not permitted.*(?:unshare"
        r"|clone|sethostname)|failed to (?:unshare|mount) .*operation not permitted",
        cause="the engine may not give these capabilities: it runs inside of a container (LXC) itself, or "
        "rootless",
        remedy="allow nesting there (LXC: nesting=1,keyctl=1), or take the capabilities out of the service",
        weight=3,
    ),
    Rule(
        "kernel modules that are not loaded",
        says=r"can't initialize iptables table|Failed to initialize nft"
        r"|failed to add the host .* pair interfaces|operation not supported.*(?:veth|bridge|sandbox)"
        r"|could not find bridge|failed to create (?:the )?(?:bridge|veth)|modprobe: FATAL(?!.*nvidia)"
        r"|Table does not exist \(do you need to insmod",
        cause="the kernel has no modules for bridges or iptables: it was updated, and the host not "
        "restarted, or they are missing there",
        remedy="restart the host; install the modules package of its kernel",
        weight=3,
    ),
    Rule(
        "engine that does not run",
        says=r"Cannot connect to the Docker daemon|Is the docker daemon running"
        r"|docker_engine: The system cannot find the file|dial unix \S*docker\.sock: connect: (?:connection "
        r"refused|no such file)"
        r"|failed to start daemon|unable to configure the Docker daemon with file"
        r"|failed to load listeners|error initializing (?:graphdriver|network controller)",
        cause="the engine does not run, or does not start (a mistake in /etc/docker/daemon.json is the "
        "commonest)",
        remedy="`systemctl status docker` and `journalctl -u docker` say why; `dockerd --validate` reads "
        "daemon.json",
        weight=3,
    ),
    Rule(
        "definition that Compose refuses",
        says=r"Additional propert(?:y|ies) .*not allowed|Compose file .* is invalid"
        r"|services\.\S+ (?:must be|contains)"
        r"|Unsupported (?:config option|Compose file version)|yaml: line \d+: (?!.*prometheus)"
        r"|mapping values are not allowed|undefined (?:network|volume|service)"
        r"|service \"\S+\" (?:refers to|depends on) undefined|invalid compose project"
        r"|validating \S+compose",
        cause="the Compose definition is not valid: a key, a type or a name that does not exist",
        remedy="correct the patch or fragment that adds it; `toolkit validate` names the line",
        weight=2,
        services=r"compose|docker|edge|redis|llm",
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
        "table of connections full",
        says=r"nf_conntrack: (?:nf_conntrack: )?table full|neighbor table overflow|neighbour: arp_cache",
        cause="the kernel's table of connections (or neighbours) is full: packets are dropped",
        remedy="`sysctl -w net.netfilter.nf_conntrack_max=262144` (net.ipv4.neigh.default.gc_thresh3 for "
        "neighbours), and look for who opens so many",
        weight=3,
        lasting=True,
    ),
    Rule(
        "variable of Compose that is not set",
        says=r"The \"?(?P<name>\w+)\"? variable is not set"
        r"|required variable (?P<need>\w+) is missing a value|invalid interpolation format",
        cause="Compose found no value for {name}{need} and takes it for empty (an .env file in another "
        "directory, or a $ that should be $$)",
        remedy="set it in .env beside the file or in the shell; $$ for a dollar that is meant",
        weight=2,
        services=r"compose|docker",
    ),
    Rule(
        "forwarding is blocked",
        says=r"FORWARD.*DROP|policy DROP|ufw|firewalld.*(?:block|reject)|admin prohibited|ICMP.*prohibited"
        r"|Host is unreachable.*(?:firewall|iptables)",
        cause="the firewall of the host does not let traffic of containers through",
        remedy="allow the DOCKER-USER chain (or the docker zone of firewalld), then restart the engine",
        weight=2,
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
    Rule(
        "containers left from before",
        says=r"Found orphan containers",
        cause="containers of services that are no longer defined are left in the project",
        remedy="`toolkit down` and up, or `docker compose up --remove-orphans`",
        weight=1,
        status=Status.WARN,
    ),
    Rule(
        "file system of the engine",
        says=r"failed to mount overlay|overlay(?:fs|2)?:? .*(?:not supported|invalid argument|d_type"
        r"|too many levels)|without d_type support|max depth exceeded",
        cause="the engine's storage does not go with its disk (xfs without ftype, NFS, overlay on overlay)",
        remedy="put /var/lib/docker on ext4 or xfs with ftype=1",
        weight=3,
    ),
)


@check(
    "container.network",
    "Networks and names of the containers fit",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_network(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what is wrong between engine, networks and names.

    These are refusals of the engine, before anything of the service runs: address pools used up by old networks,
    names taken, a removal that hangs, rules of the firewall gone, a client too old for the engine. A dependency
    that is unhealthy while it still loads wants a longer start_period, not more retries.
    """
    return read(RULES, plan, seen)
