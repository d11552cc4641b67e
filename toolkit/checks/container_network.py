"""Do the networks fit?"""

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
        "table of connections full",
        says=r"nf_conntrack: (?:nf_conntrack: )?table full|neighbor table overflow|neighbour: arp_cache",
        cause="the kernel's table of connections (or neighbours) is full: packets are dropped",
        remedy="`sysctl -w net.netfilter.nf_conntrack_max=262144` (net.ipv4.neigh.default.gc_thresh3 for "
        "neighbours), and look for who opens so many",
        weight=3,
        lasting=True,
    ),
    Rule(
        "forwarding is blocked",
        says=r"FORWARD.*DROP|policy DROP|ufw|firewalld.*(?:block|reject)|admin prohibited|ICMP.*prohibited"
        r"|Host is unreachable.*(?:firewall|iptables)",
        cause="the firewall of the host does not let traffic of containers through",
        remedy="allow the DOCKER-USER chain (or the docker zone of firewalld), then restart the engine",
        weight=2,
    ),
)


@check(
    "container.network",
    "The networks of the containers fit",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def container_network(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what is wrong with networks, addresses and the firewall.

    These are refusals of the engine, before anything of the service runs: address pools used up by old networks, rules
    of the firewall gone, a network of another origin, a container that a network still holds.
    """
    return read(RULES, plan, seen)
