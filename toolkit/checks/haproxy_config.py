"""Does HAProxy take its configuration?"""

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
        "file that ends early",
        says=r"parsing \[(?P<where>[^\]]+)\] ?: ?Missing LF on last line",
        cause="the configuration ends without a newline at {where}: HAProxy takes it for cut short (a file edited "
        "on Windows, or one whose end is missing)",
        remedy="end the file with an empty line; look whether its last lines are all there",
        weight=4,
    ),
    Rule(
        "keyword that this version does not know",
        says=r"parsing \[(?P<where>[^\]]+)\] ?: ?(?:'[^']+' ?: ?)?unknown (?:keyword|option|parameter"
        r"|method) '(?P<word>[^']+)'(?P<more>.*)"
        r"|'(?P<w2>[^']+)' (?:is not supported (?:anymore|by)|option is not implemented|not implemented in "
        r"this version)",
        cause="this version of HAProxy does not know {word}{w2} (at {where}{more}): it is misspelt, in the wrong "
        "section, or went with a version",
        remedy="correct or take out that line; `haproxy -vv` says version and build, `haproxy -c -f` checks "
        "without a start",
        weight=4,
    ),
    Rule(
        "name that nothing defines",
        says=r"no such ACL ?: ?'(?P<acl>[^']+)'|unable to find (?:required )?(?P<kind>\w+)(?::| ) "
        r"?'(?P<name>[^']+)'"
        r"|Proxy '(?P<proxy>[^']+)': unable to find required (?P<k2>\w+): '(?P<n2>[^']+)'|references? "
        r".{0,20}unknown",
        cause="a rule names {acl}{kind}{k2} {name}{n2}, which nothing defines (misspelt, or its section is "
        "missing)",
        remedy="define it, or correct the name letter by letter: acl lines stand before the rule that uses "
        "them",
        weight=4,
    ),
    Rule(
        "key that is missing in its file",
        says=r"unable to load (?:SSL )?private key|No Private Key found in '(?P<file>[^']+)'|inconsistencies "
        r"between private key",
        cause="the PEM file of the certificate holds no private key {file}, or one that does not go with it",
        remedy="`cat cert.pem chain.pem key.pem > site.pem`: certificate, chain and key in one file (or key as "
        "site.pem.key), readable for HAProxy's user",
        weight=4,
    ),
    Rule(
        "certificate that is not there",
        says=r"unable to (?:stat|load|open) (?:SSL )?(?:certificate|CA|DH|crt-list)[^']*'(?P<file>[^']+)'|no "
        r"SSL certificate specified "
        r"for bind|unable to scan directory '(?P<dir>[^']+)'|not able to open|unable to load certificate "
        r"chain",
        cause="the certificate {file}{dir} is not there or cannot be read: its mount is missing, or it is "
        "root's alone",
        remedy="mount it where `crt` names it, readable for HAProxy's user (uid 99); `toolkit up` makes a "
        "self-signed one",
        weight=3,
    ),
    Rule(
        "user, group or directory that is not there",
        says=r"cannot find (?:user|group) id for '(?P<name>[^']+)'|Cannot chroot\((?P<dir>[^)]+)\)|Cannot "
        r"set [ug]id (?P<id>\d+)"
        r"|Could not change to directory (?P<d2>\S+)",
        cause="HAProxy cannot become or enter what its global section names ({name}{dir}{id}{d2}): the image has no "
        "such user or directory, or it does not run as root",
        remedy="take user, group and chroot out of `global`: in a container the image's own user serves",
        weight=4,
    ),
    Rule(
        "nothing to listen on",
        says=r"No enabled listener found|has no 'bind' directive|[Cc]annot open (?:the )?(?:configuration "
        r")?file|Cannot open configuration",
        cause="no section listens on anything: the configuration that was read is empty or another one, or "
        "is not there",
        remedy="mount the file at /usr/local/etc/haproxy/haproxy.cfg (a directory of that name is a mount whose "
        "source was missing); a frontend needs `bind`",
        weight=3,
    ),
    Rule(
        "other mistake of a line",
        says=r"parsing \[(?P<where>[^\]]+)\] ?: ?(?P<why>error detected .*|'[^']+' ?: ?.*(?:missing|expects"
        r"|invalid|requires|cannot)"
        r".*)",
        cause="HAProxy refuses the line {where}: {why}",
        remedy="correct that line (an override of templates/edge); `haproxy -c -f` checks it without a start",
        weight=2,
    ),
    Rule(
        "log that goes nowhere",
        says=r"sendmsg\(\)/writev\(\) failed in logger",
        cause="HAProxy's log goes to a socket or host that is not there",
        remedy="`log stdout format raw local0` in a container",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "timeouts that are missing",
        says=r"missing timeouts for",
        cause="a section has no timeouts: connections that hang stay for ever",
        remedy="timeout connect, client and server in `defaults`",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "haproxy.config",
    "HAProxy takes its configuration",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def haproxy_config(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which kind of mistake HAProxy refuses in its configuration, with file, line and word.

    The last two lines (`Error(s) found`, `Fatal errors found`) end every failure; the first ALERT decides. A file that
    is cut short misses its last newline; keywords come and go with the versions.
    """
    return read(RULES, plan, seen)
