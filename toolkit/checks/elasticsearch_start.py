"""Can Elasticsearch start?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_ES = r"elastic|^es|opensearch|search|^kernel|^compose"
RULES = (
    Rule(
        "vm.max_map_count too low",
        says=r"max virtual memory areas vm\.max_map_count \[(?P<has>\d+)\](?: is)? (?:likely )?too low(?:, "
        r"increase to at least \[(?P<least>\d+)\])?|vm\.max_map_count.*too low",
        cause="the kernel of the host allows {has} memory areas, and Elasticsearch demands {least}",
        remedy="raise it on the host: `sysctl -w vm.max_map_count=262144`, and a line in /etc/sysctl.d/ "
        "(for development discovery.type: single-node)",
        weight=4,
        rejects=(
            "it can be set from inside: the entrypoint's own `sysctl … Read-only file system` shows that "
            "it cannot",
        ),
    ),
    Rule(
        "data directory that it may not use",
        says=r"failed to obtain node locks?|Unable to (?:create|access) 'path\.(?:data|logs)'"
        r"|AccessDeniedException(?:: |\[)(?P<path>/usr/share/elasticsearch/\S+)|Could not rename log file"
        r"|failed to (?:create|test writes in) (?:node|data) (?:environment|directory)|are not writable",
        cause="the data directory does not belong to uid 1000 (a bind mount keeps its owner), or a second "
        "node has it",
        remedy="chown -R 1000:0 the directory on the host; where the owner is right, look for a second "
        "container on that path; do not delete node.lock",
        weight=3,
        services=r"elastic|^es|opensearch|search",
        rejects=(
            "a port: `failed to bind service` means the node's parts, not a socket",
            "a stale lock file: node.lock is a lock, not a leftover",
        ),
    ),
    Rule(
        "memory of the heap",
        says=r"(?<!HeapDumpOn)(?<!ExitOn)(?<!CrashOn)OutOfMemoryError|There is insufficient memory for the "
        r"Java Runtime"
        r"|Native memory allocation \(mmap\) failed|Could not reserve enough space"
        r"|Initial heap size set to a larger value|initial heap size .* not equal to maximum heap size"
        r"|exit(?:ed)? .*code:? ?(?:3|137)\b",
        cause="the heap does not fit the container (or is too small for the work): at most half the limit "
        "may be heap",
        remedy="set the heap (-Xms and -Xmx equal) to half of {section}.memory, or raise that",
        weight=3,
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "memory lock",
        says=r"memory locking requested for elasticsearch process but memory is not locked"
        r"|Unable to lock JVM Memory|max locked memory",
        cause="bootstrap.memory_lock is on, and the ulimit memlock does not allow it",
        remedy="ulimits memlock -1 for the service (where the machine allows it: `toolkit preflight` "
        "tries), or bootstrap.memory_lock: false",
        weight=3,
    ),
    Rule(
        "limits of files or threads",
        says=r"max (?:file descriptors|number of threads) \[(?P<has>\d+)\].*too low",
        cause="the container may open or start too few: {has}",
        remedy="ulimits nofile 65535 and nproc 4096 for the service",
        weight=3,
    ),
    Rule(
        "newer version's data",
        says=r"cannot (?:downgrade|upgrade) a node from version"
        r"|is not compatible with (?:the )?(?:current )?version|IndexFormatTooNewException"
        r"|IndexFormatTooOldException|cannot be (?:opened|upgraded) because"
        r"|[Uu]nsupported.*index.*created (?:in|with) version|Failed to parse mappings"
        r"|The index \[.*was created with version",
        cause="the data was written by another version, and this one cannot take it over: versions go up "
        "step by step (the last minor first), and never down",
        remedy="pin the image to the version before ({section}.image), upgrade one major version "
        "after the other, or restore a snapshot",
        weight=3,
    ),
    Rule(
        "disk over its watermark",
        says=r"disk watermark \[|flood[ -]stage|read-only-allow-delete|FORBIDDEN/12"
        r"|index \[.*blocked by.*disk|high disk watermark",
        cause="the disk is fuller than Elasticsearch allows (85, 90, 95 %): it moves shards away, then "
        "makes indices read-only",
        remedy="make room on that disk; it unblocks by itself from 7.4 on, else PUT _all/_settings "
        '{{"index.blocks.read_only_allow_delete": null}}',
        weight=3,
        lasting=True,
    ),
    Rule(
        "setting that it does not know",
        says=r"unknown setting \[(?P<name>[^\]]+)\]|SettingsException|failed to parse (?:value|setting)"
        r"|IllegalArgumentException: (?P<why>.*setting.*)"
        r"|node settings must not contain any index level settings|unrecognized (?:VM )?option"
        r"|Unrecognized VM option",
        cause="a setting or option of the JVM that this version does not take: {name} {why}",
        remedy="take it out of the configuration or of ES_JAVA_OPTS: settings go with the versions",
        weight=3,
        services=_ES,
    ),
    Rule(
        "no other node, no master",
        says=r"master not discovered|MasterNotDiscoveredException"
        r"|the default discovery settings are unsuitable for production|not enough master nodes",
        cause="the node waits for others: discovery is not set for one node",
        remedy="discovery.type: single-node (or cluster.initial_master_nodes with the names of all)",
        weight=2,
        rejects=(),
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "damaged files",
        says=r"CorruptIndexException|corrupted|CorruptStateException|TranslogCorruptedException"
        r"|failed to (?:read|load) (?:index|cluster) state|codec footer mismatch"
        r"|UncheckedIOException.*(?:_state|manifest)",
        cause="files of the index or of the cluster's state are damaged: by a lost power supply or a full "
        "disk",
        remedy="look at the disk; restore the snapshot; `elasticsearch-shard remove-corrupted-data` loses "
        "what it removes",
        weight=3,
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "password or certificate",
        says=r"failed to authenticate user \[|unable to authenticate user|security_exception"
        r"|missing authentication credentials|received plaintext http traffic on an https channel"
        r"|PKIX path building failed|failed to load SSL configuration|Invalid keystore format"
        r"|keystore password was incorrect",
        cause="client and node do not agree on password or TLS: the password is made at the first start "
        "and does not follow an edited variable; from 8 on TLS is the default",
        remedy="`elasticsearch-reset-password -u elastic`, https and the node's CA at the client, or "
        "xpack.security.* as the profile has it",
        weight=3,
        lasting=True,
    ),
    Rule(
        "will not run as root",
        says=r"can not run elasticsearch as root",
        cause="Elasticsearch refuses to run as root",
        remedy="leave the user to the image (1000)",
        weight=3,
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "requests larger than the heap",
        says=r"circuit_breaking_exception|Data too large|CircuitBreakingException",
        cause="requests need more memory than the circuit breaker leaves of the heap",
        remedy="raise the heap with {section}.memory, or make requests smaller",
        weight=3,
        status=Status.WARN,
        lasting=True,
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "too many shards",
        says=r"maximum (?:normal )?shards open|this action would add \[\d+\]",
        cause="the cluster has as many shards as it allows for its nodes",
        remedy="delete or shrink indices; raise cluster.max_shards_per_node only for the time being",
        weight=3,
        lasting=True,
    ),
    Rule(
        "plugin of another version",
        says=r"was built for Elasticsearch version|[Ff]ailed to load plugin"
        r"|plugin \[\S+\] (?:is incompatible|requires)",
        cause="a plugin is of another version than the server",
        remedy="install the plugin of exactly this version, or take it out",
        weight=3,
    ),
    Rule(
        "instructions that the processor lacks",
        says=r"SIGILL|UseSVE|Illegal instruction",
        cause="the Java of the image uses instructions that this (virtual) processor does not do",
        remedy="ES_JAVA_OPTS -XX:UseSVE=0 on ARM, or a newer image",
        weight=3,
        services=r"elastic|^es|opensearch|search",
    ),
    Rule(
        "keystore or certificates that it may not read",
        says=r"elasticsearch\.keystore|failed to (?:load|read) (?:PEM|keystore|truststore)"
        r"|cannot read configured (?:PEM|certificate)|SslConfigException",
        cause="keystore or certificates are missing, unreadable for uid 1000, or of another password",
        remedy="chown 1000:0 the config directory; make certificates anew (elasticsearch-certutil)",
        weight=2,
    ),
    Rule(
        "mapping that the documents do not fit",
        says=r"mapper_parsing_exception|strict_dynamic_mapping_exception|Limit of total fields"
        r"|illegal_argument_exception.*mapper",
        cause="documents do not fit the mapping of the index",
        remedy="correct the mapping in a new index and reindex; index.mapping.total_fields.limit",
        weight=3,
        services=r"elastic|^es|opensearch|search",
        status=Status.WARN,
        lasting=True,
    ),
)


@check("elasticsearch.start", "Elasticsearch starts", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def elasticsearch_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why Elasticsearch does not start, by its bootstrap checks and the innermost exception.

    vm.max_map_count is the host's and cannot be set from inside: the entrypoint's `Read-only file system` is that
    attempt. `failed to obtain node locks` is an owner (uid 1000) or a second node, not a leftover file. Heap at
    most half the limit.
    """
    return read(RULES, plan, seen)
