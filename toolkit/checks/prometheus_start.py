"""Does Prometheus start?"""

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
        "data directory that it may not use",
        says=r"queries\.active|Unable to create mmap-ed active query log"
        r"|open /prometheus/\S+: permission denied|(?:mkdir|open) \S*(?:wal|chunks_head"
        r"|data/)\S*: (?:permission denied|read-only file system)"
        r"|opening storage failed: .*(?:permission denied|mkdir)",
        cause="the data directory is not writable for uid 65534 (nobody), as which Prometheus runs: a bind "
        "mount keeps its owner",
        remedy="chown -R 65534:65534 the directory on the host, take a named volume, or set user:",
        weight=3,
        rejects=(
            "a crash of Prometheus: the stack trace of goroutines is how it ends when it may not write",
        ),
    ),
    Rule(
        "data directory in use",
        says=r"opening storage failed: lock DB directory"
        r"|lock DB directory.*(?:resource temporarily unavailable|already)|DB directory.*locked",
        cause="another Prometheus has the data directory",
        remedy="`docker ps --filter volume=…`: stop the other one; then start again",
        weight=3,
    ),
    Rule(
        "wrong configuration",
        says=r"[Ee]rror loading config|couldn't load configuration|parsing YAML file \S+: (?P<why>.*)"
        r"|yaml: (?P<yaml>.*)|field (?P<field>\S+) not found in type"
        r"|unknown (?:long )?flag '?(?P<flag>\S+?)'?(?:\s|$)|err=\"?(?:error )?loading.*(?:config"
        r"|rules?)|parse error: unexpected|bad_data",
        cause="Prometheus refuses its configuration, its rules or a flag: {why}{yaml}{field}{flag}",
        remedy="correct what the line names (an override of templates/prometheus); `promtool check config` "
        "checks it without a start; flags go with the versions",
        weight=2,
        services=r"prom|metric|monitor|alert|grafana",
    ),
    Rule(
        "damaged data",
        says=r"invalid block sequence|block time ranges overlap|(?:corruption|corrupted) (?:in segment"
        r"|after|block)|WAL.*(?:corrupt|repair)"
        r"|[Ff]ound (?:unsequential|healthy|unexpected) (?:head )?chunk|invalid magic number"
        r"|opening storage failed: (?:open \S*meta\.json|reloadBlocks|block dir|found|reload blocks|zero-pad"
        r"|.*meta\.json).*|unexpected end of JSON input",
        cause="blocks or log of its data are damaged: by a full disk or a kill",
        remedy="look at the disk; move the block that it names out of the directory (its hours are lost), "
        "the log repairs itself",
        weight=2,
        services=r"prom|metric|monitor",
    ),
    Rule(
        "memory",
        says=r"fatal error: runtime: (?:out of memory|cannot allocate)|runtime: out of memory"
        r"|cannot allocate memory.*(?:mmap|chunks)",
        cause="Prometheus needs more memory than it may have: too many series, or the log of many hours to "
        "read at its start",
        remedy="raise {section}.memory; fewer series or a longer scrape interval",
        weight=2,
        services=r"prom|metric|monitor",
    ),
    Rule(
        "target that cannot be scraped",
        says=r"(?:Error on ingesting|out of order sample|out-of-order|Duplicate sample"
        r"|server returned HTTP status (?P<status>\d+)|context deadline exceeded.*scrape)",
        cause="a target answers late, twice or not at all {status}",
        remedy="`up == 0` names it; look at that service",
        weight=1,
        services=r"prom|metric|monitor",
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "target without a type of content",
        says=r"determine correct type of scrape target|non-compliant scrape target|blank Content-Type"
        r"|received unsupported Content-Type",
        cause="the exporter of a target does not say in which format it answers (Content-Type), and Prometheus 3 takes "
        "no such answer",
        remedy="update that exporter, or give its job a fallback_scrape_protocol (PrometheusText0.0.4)",
        weight=3,
        services=r"prom|metric|monitor",
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "samples from another time",
        says=r"too old or are too far into the future|out of bounds|err=\"out of bounds\"",
        cause="a target's clock differs from this host's, or Prometheus was behind",
        remedy="look at the clocks of both hosts (host.clock)",
        weight=2,
        services=r"prom|metric|monitor",
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "query larger than allowed",
        says=r"would load too many samples into memory|query timed out|query processing",
        cause="a query reads more than query.max-samples or longer than query.timeout",
        remedy="a shorter range or a recording rule",
        weight=3,
        services=r"prom|metric|monitor",
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "data that cannot be opened",
        says=r"opening storage failed: (?P<why>.*)|Fatal error.*err=(?P<err>.*)",
        cause="Prometheus cannot open its data: {why}{err}",
        remedy="what it names decides: owner (65534), room, or a damaged block that is moved away",
        weight=1,
    ),
    Rule(
        "job twice",
        says=r"found multiple scrape configs with job name|duplicate (?:job|rule)|rule \S+ is repeated",
        cause="the configuration names a job or rule twice",
        remedy="rename one of them",
        weight=3,
        services=r"prom|metric|monitor",
    ),
)


@check("prometheus.start", "Prometheus starts", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def prometheus_start(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why Prometheus does not start.

    Its way of ending is a stack trace: the first line of it decides. Mostly the data directory belongs to
    somebody else than 65534, another Prometheus holds it, or the configuration has a key or flag that this
    version does not know.
    """
    return read(RULES, plan, seen)
