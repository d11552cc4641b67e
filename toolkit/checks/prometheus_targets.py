"""Do rules and targets of Prometheus work?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_OWN = r"prom|metric|monitor"
RULES = (
    Rule(
        "rule that does not parse",
        says=r"loading groups failed|could not parse expression|error loading rules|group "
        r"\\?\"?(?P<group>[\w-]+)\\?\"?, rule \d+",
        cause="a rule file does not parse ({group}): the expression or its indent is wrong, so that its "
        "rules do not count",
        remedy="`promtool check rules FILE` names line and column; correct it, then reload",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "configuration that it may not read",
        says=r"open (?P<path>\S+\.ya?ml): (?P<why>permission denied|is a directory)|read (?P<p2>\S+\.ya?ml): "
        r"is a directory",
        cause="Prometheus (uid 65534) cannot read {path}{p2}: its owner and mode, or a directory that stands "
        "in its place",
        remedy="chmod 0644 the file and 0755 its directories; where a directory stands there, remove it and "
        "mount the file",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "segments of the log that are missing",
        says=r"segments are not sequential|cannot handle error: open WAL segment|unknown head chunk|repair "
        r"corrupted WAL|WAL.{0,30}"
        r"(?:not sequential|missing segment)|corruption in segment",
        cause="the write-ahead log is damaged or segments of it are missing: after a full disk, a hard end, or "
        "files that somebody removed",
        remedy="look at the disk; move the directory wal (and chunks_head) away, as a copy, and start: the "
        "last two hours are lost",
        weight=4,
        services=_OWN,
    ),
    Rule(
        "target whose name is not known",
        says=r"dial tcp: lookup (?P<name>[\w-]+)(?: on \S+)?: (?:no such host|server misbehaving)",
        cause="the target {name} is not known by that name: it does not run, or is in another network",
        remedy="start it or put both into one network; else take it out of scrape_configs",
        weight=4,
        services=_OWN,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "target that does not answer",
        says=r"Get \\?\"https?://(?P<target>[^/\"]+)/\S*\\?\": (?:dial tcp .*refused|context deadline "
        r"exceeded|EOF|dial tcp .*timeout)",
        cause="the target {target} does not answer: it is down, slow, or listens elsewhere",
        remedy="look at that service's own finding; raise scrape_timeout where it is merely slow",
        weight=3,
        services=_OWN,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "target that answers something else",
        says=r"unsupported Content-Type|expected .*, got .*INVALID|server returned HTTP status "
        r"(?P<status>4\d\d)|invalid metric type|"
        r"text format parsing error",
        cause="the target answers no metrics {status}: another path, a page of HTML, or a login before it",
        remedy="correct metrics_path and port; give basic_auth or authorization where it asks for a login",
        weight=3,
        services=_OWN,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "prometheus.targets",
    "Prometheus takes its rules and reaches its targets",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def prometheus_targets(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what Prometheus cannot load or scrape while its data is well.

    A rule that does not parse keeps a reload from taking effect; a target that is away shows as `up == 0`, which is a
    matter of that service.
    """
    return read(RULES, plan, seen)
