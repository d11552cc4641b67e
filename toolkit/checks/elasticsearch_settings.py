"""Do the settings of Elasticsearch go together?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_OWN = r"elastic|^es|opensearch|search|^compose"
RULES = (
    Rule(
        "settings for one node and for many",
        says=r"\[cluster\.initial_master_nodes\] is not allowed when \[discovery\.type\]"
        r"|discovery\.type.{0,40}single-node.{0,60}"
        r"(?:not allowed|conflict)",
        cause="cluster.initial_master_nodes and discovery.type: single-node exclude each other",
        remedy="take it out (cluster.initial_master_nodes) for one node; for several take discovery.type out",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "security without TLS between nodes",
        says=r"Transport SSL must be enabled|xpack\.security\.(?:transport"
        r"|http)\.ssl\.enabled\].{0,60}(?:must|Please|to \[true\])"
        r"|invalid (?:SSL|configuration) .*xpack\.security|invalid configuration for xpack\.security",
        cause="security is on, and TLS between nodes is not (or is half configured)",
        remedy="xpack.security.transport.ssl.enabled: true with certificates (elasticsearch-certutil), or "
        "discovery.type: single-node; for development xpack.security.enabled: false",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "configuration that cannot be written or replaced",
        says=r"FileSystemException: /usr/share/elasticsearch/config\S*: (?:Device or resource busy|Read-only "
        r"file system)"
        r"|elasticsearch\.keystore(?:\.tmp)?.{0,40}(?:Read-only|denied|busy)|(?:NoSuchFile"
        r"|AccessDenied)Exception: \S*/config/\S+",
        cause="it wants to write into its config directory (keystore, its automatic security setup), and that is "
        "read-only, a single mounted file, or empty of what belongs there",
        remedy="mount the whole config directory writable for uid 1000 (with jvm.options and log4j2.properties), or "
        "set xpack.security.enabled and the passwords by variables; a tmpfs over config hides its files",
        weight=4,
        services=_OWN,
        rejects=("the data directory: it was not reached",),
    ),
    Rule(
        "options of Java",
        says=r"[Ii]nvalid (?:initial|maximum) heap size|os::commit_memory failed|unrecognized VM option"
        r"|UnsupportedClassVersionError"
        r"|Could not create the Java Virtual Machine|anyController.{0,20}null|CgroupInfo",
        cause="Java does not start with these options: a heap that is written wrongly or larger than the container, "
        "or a Java that does not know the host's control groups",
        remedy='ES_JAVA_OPTS: "-Xms1g -Xmx1g", at most half of {section}.memory; a newer image for newer '
        "kernels (cgroup v2)",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "address that it cannot take",
        says=r"BindTransportException|BindHttpException|Failed to bind to (?P<where>\S+)|failed to resolve "
        r"(?:host|publish)",
        cause="the address {where} of network.host is not one of this container, or the port is taken",
        remedy="network.host: 0.0.0.0 (or _site_) in a container; publish_host where others have to reach it",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "client that speaks plain HTTP",
        says=r"NotSslRecordException|not an SSL/TLS record|plaintext http traffic on an https channel",
        cause="a client (or the health check) speaks plain HTTP, and the node wants TLS",
        remedy="https:// and the node's CA at the client; for development xpack.security.http.ssl.enabled: "
        "false",
        weight=4,
        services=_OWN,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "index whose shards are not there",
        says=r"primary shard for the index \[(?P<index>[^\]]+)\] is unavailable|all shards failed"
        r"|NoShardAvailableActionException"
        r"|SearchPhaseExecutionException",
        cause="shards of an index {index} are not there (yet): the node just started, a disk over its "
        "watermark, or damaged data",
        remedy="wait for the start; `GET _cluster/allocation/explain` says why; room on the disk first, then "
        "restore a snapshot",
        weight=2,
        services=_OWN,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "right of its own sandbox",
        says=r"access denied \(\"java\.(?:io|net)\.\w+Permission\"|doesn't match any of the locations",
        cause="a path is used that the settings do not allow (path.repo of snapshots)",
        remedy="name it under path.repo and mount it writable for uid 1000",
        weight=2,
        services=_OWN,
        lasting=True,
    ),
    Rule(
        "processor without its native parts",
        says=r"Failed to create native process factories|ML (?:is|components) not|platform .*not "
        r"supported.*native",
        cause="the machine-learning part does not run on this processor or image",
        remedy="xpack.ml.enabled: false",
        weight=4,
        services=_OWN,
    ),
)


@check(
    "elasticsearch.settings",
    "Elasticsearch takes its settings and files",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def elasticsearch_settings(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which setting, file or right keeps Elasticsearch from starting, where it is neither the heap nor the kernel.

    A file that is mounted alone cannot be replaced, a config directory that is read-only holds no keystore, security
    wants TLS between nodes, and discovery for one node excludes a list of masters.
    """
    return read(RULES, plan, seen)
