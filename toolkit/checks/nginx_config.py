"""Does nginx take its configuration?"""

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
        "directive that this build does not know",
        says=r"\[emerg\] .*unknown directive \"(?P<name>[^\"]*)\"(?: in (?P<where>\S+))?|the "
        r"\"(?P<param>[^\"]+)\" parameter requires"
        r" (?P<module>\w+)",
        cause="this build of nginx does not know the directive {name}{param}: a word that is misspelt (or a stray "
        "sign), or a module that it was built without {module}",
        remedy="correct {where}; where it is a module's, take the official image or `load_module`",
        weight=4,
    ),
    Rule(
        "directive in the wrong block",
        says=r"\[emerg\] .*\"(?P<name>[^\"]+)\" directive is (?:not allowed here|duplicate)(?: in "
        r"(?P<where>\S+))?",
        cause="the directive {name} stands in the wrong block or twice: mostly a whole nginx.conf that was mounted "
        "into conf.d, or a server block as nginx.conf",
        remedy="correct {where}: `http` and `events` in nginx.conf, `server` in conf.d",
        weight=4,
    ),
    Rule(
        "block or statement that is not closed",
        says=r"\[emerg\] .*(?:unexpected (?:end of file|\"[^\"]+\")|is not terminated by \"?;|has no "
        r"(?:opening|closing)|expecting \"[};]\")"
        r"(?:.* in (?P<where>\S+))?",
        cause="a block or statement is not closed before {where}: a missing ; or brace, or a file cut short",
        remedy="correct the lines before {where}; `nginx -t` checks it without a start",
        weight=4,
    ),
    Rule(
        "value or number of arguments",
        says=r"\[emerg\] .*(?:invalid (?:number of arguments|value|parameter|port|URL|condition|method)|not "
        r"a valid)(?P<why>.*)",
        cause="a directive has a wrong value or too many or few of them{why} (a variable that was empty when the "
        "file was made does that)",
        remedy="correct the line that it names; of a template look at the variables (envsubst replaces $name "
        "of nginx, too)",
        weight=3,
    ),
    Rule(
        "variable that is not set",
        says=r"\[emerg\] unknown \"(?P<name>\w+)\" variable|using uninitialized \"(?P<n2>\w+)\" variable",
        cause="the variable {name}{n2} is not known: its map or set is missing (or in a file that is not "
        "included)",
        remedy="add the `map` (connection_upgrade is one for websockets) to http, or correct the name",
        weight=4,
    ),
    Rule(
        "certificate or key",
        says=r"\[emerg\] (?:cannot load certificate(?P<key_> key)? \"(?P<file>[^\"]+)\""
        r"|SSL_CTX_use_PrivateKey\w*\(\"(?P<f2>[^\"]+)\"\)|no"
        r" \"ssl_certificate\" is defined|BIO_new_file)(?P<why>.*?(?:No such file|Permission denied|mismatch"
        r"|no start line|bad"
        r" password|key values)?[^:]*$)",
        cause="the certificate or key {file}{f2} is missing, not readable, of another kind, or the two do "
        "not belong together",
        remedy="mount both files where the configuration names them, readable for nginx; certificate first, then "
        "chain; compare their modulus (`openssl x509 -noout -modulus`, `openssl rsa …`)",
        weight=4,
    ),
    Rule(
        "IPv6 that is off",
        says=r"(?:socket\(\)|bind\(\)(?: to)?) \[::\]?\S* failed \(97|Address family not supported by "
        r"protocol",
        cause="the configuration listens on IPv6 ([::]), which is off on this host",
        remedy="take the `listen [::]:…` lines out (of the image: NGINX_ENTRYPOINT scripts), or switch IPv6 "
        "on",
        weight=4,
    ),
    Rule(
        "capability or user that is missing",
        says=r"\[emerg\] .*(?:chown|set[gu]id|initgroups)\(.*(?:Operation not permitted|failed \(1)"
        r"|getpwnam\(\"(?P<user>[^\"]+)\"\) failed"
        r"|getgrnam\(\"(?P<group>[^\"]+)\"\) failed",
        cause="nginx cannot become its user {user}{group}: capabilities are dropped (CHOWN, SETUID, SETGID), or the "
        "image does not know the user",
        remedy="run it as its user from the start (the unprivileged image, uid 101, ports from 1024 on) with tmpfs "
        "of that user, or add those capabilities; `user nginx;` in this image",
        weight=4,
    ),
    Rule(
        "upstream that is not complete",
        says=r"\[emerg\] .*(?:no servers are inside upstream|upstream \"[^\"]+\" may not have port|invalid "
        r"port in upstream|host not found"
        r" in resolver|duplicate (?:upstream|location|listen|default|zone|server))(?P<why>.*)",
        cause="an upstream, location or listen is incomplete or stands twice{why} (two files of conf.d that "
        "say the same)",
        remedy="correct the line that it names; look for a leftover default.conf in conf.d",
        weight=4,
    ),
    Rule(
        "size of a table",
        says=r"could not build (?:the )?\w+.{0,60}you should increase (?P<name>\w+)(?:: (?P<has>\d+))?|zero "
        r"size shared memory zone"
        r"|shared memory zone.*(?:conflicts|too small)|the size \d+ of shared memory zone",
        cause="a table or zone of nginx is too small or not declared: {name} {has}",
        remedy="set {name} to twice that in http (server_names_hash_bucket_size 128), or declare the zone "
        "that is used",
        weight=4,
    ),
    Rule(
        "module of another build",
        says=r"is not binary compatible|dlopen\(\) \"(?P<path>[^\"]+)\" failed|module \"(?P<m2>[^\"]+)\" "
        r"version \d+ instead of",
        cause="the module {path}{m2} is missing or built for another version of nginx",
        remedy="take the module of the image's own version, or take load_module out",
        weight=4,
    ),
    Rule(
        "log that cannot be written",
        says=r"could not open error log file|open\(\) \"\S*(?:error|access)\.log\" failed \(13",
        cause="nginx may not write its log file: it runs as another user, or the directory is read-only",
        remedy="error_log /dev/stderr and access_log /dev/stdout, or a directory of its user",
        weight=3,
    ),
    Rule(
        "file or page that is not there",
        says=r"directory index of \"(?P<dir>[^\"]+)\" is forbidden|internal redirection"
        r" cycle",
        cause="nginx has no page to show for {dir}, or is sent round in circles: root, alias or try_files is wrong, "
        "or what belongs there was not mounted",
        remedy="correct root, alias or try_files of that location; mount the files",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "worker that was killed",
        says=r"worker process \d+ exited on signal (?P<signal>9|11|6|7)",
        cause="a worker of nginx was ended by signal {signal}: 9 is a kill for memory, 11 a crash in a "
        "module",
        remedy="look at container.memory; without a kill leave third modules out, take another version",
        weight=2,
        lasting=True,
    ),
)


@check(
    "nginx.config",
    "nginx takes its configuration",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def nginx_config(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which kind of mistake nginx refuses in its configuration, with what it names.

    Each `[emerg]` ends the start, and the first one decides. A directive that is unknown is mostly a module that this
    build does not have, or a word that belongs into another block.
    """
    return read(RULES, plan, seen)
