"""Can the server reach the Hub?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _all_names_fail(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if any(one.refusal for one in scene.names):
        yield speaks_for("this host cannot look up outside names either", 2)
    if scene.told(
        hit.subject,
        r"Temporary failure in name resolution|Name or service not known|EAI_AGAIN|NameResolutionError",
    ):
        yield speaks_for("looking up the name failed, not the connection")


def _offline_mode(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if scene.env(hit.subject, name) in {"1", "true", "True"}:
            yield speaks_for(f"{name} is set", 2)


# Data stores and fronts ask no Hub: what they write of names, TLS or a 401 is of their own.
_ASKS = r"^(?!edge|response-cache|prometheus|elastic|redis|mariadb|vector)"

RULES = (
    Rule(
        "offline, and not in the cache",
        says=r"LocalEntryNotFoundError|cannot find the requested files in the (?:local|disk) cache"
        r"|cannot find the appropriate snapshot folder|OfflineModeIsEnabled"
        r"|HF_HUB_OFFLINE|offline mode is enabled|couldn't connect to ['\"]?https://huggingface\.co"
        r"|We couldn't connect to|and couldn't find them in the cached files",
        cause="the files are not in the cache, and the Hub cannot be reached or is not to be asked "
        "(HF_HUB_OFFLINE)",
        remedy="let the server reach the Hub once (network, proxy, HF_ENDPOINT), or fill the cache: `hf download` "
        "into model_cache.source; without a network `source: dir:PATH` of the model",
        weight=3,
        facts=_offline_mode,
    ),
    Rule(
        "containers cannot look up outside names",
        says=r"(?<!gai error: -2 - )(?<!:6379\. )(?:Temporary failure in name resolution|Name or service not "
        r"known)"
        r"|NameResolutionError|EAI_AGAIN"
        r"|getaddrinfo failed|could not resolve host|lookup \S+.*(?:no such host|server misbehaving"
        r"|i/o timeout)|nodename nor servname",
        cause="containers cannot look up names outside: /etc/resolv.conf of the host is missing or names a server "
        "that they cannot reach (engines from 28 on no longer fall back to 8.8.8.8)",
        remedy="mend /etc/resolv.conf of the host (its link to systemd's stub), or set `dns` in "
        "/etc/docker/daemon.json, and restart the engine",
        weight=2,
        facts=_all_names_fail,
        rejects=("an outage of the Hub or the registry: nobody was asked yet, the name was not found",),
    ),
    Rule(
        "certificate that is not trusted",
        says=r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|self[- ]signed certificate"
        r"|unable to get local issuer|x509: certificate",
        cause="a proxy on the way shows a certificate that the container does not trust, or a clock is wrong",
        remedy="give the container the proxy's CA (REQUESTS_CA_BUNDLE, SSL_CERT_FILE), and look at the "
        "clock (host.clock); do not switch checking off",
        weight=3,
    ),
    Rule(
        "proxy that refuses",
        says=r"ProxyError|Tunnel connection failed|407 Proxy Authentication|proxyconnect tcp",
        cause="the proxy on the way refuses or is not there",
        remedy="correct HTTPS_PROXY and NO_PROXY in {section}.environment; local names belong into NO_PROXY",
        weight=3,
        services=_ASKS,
    ),
    Rule(
        "too many requests",
        says=r"429 (?:Client Error|Too Many Requests)|Too Many Requests.*huggingface|toomanyrequests"
        r"|We had to rate limit|[Rr]ate limit(?:ed)? (?:exceeded|reached)",
        cause="the Hub or registry limits how often this address may ask",
        remedy="wait some minutes; a token (or `docker login`) raises the limit",
        weight=3,
    ),
    Rule(
        "Hub in trouble or cut off",
        says=r"(?:huggingface|hf\.co|cas-bridge|xethub)\S*.*(?:Read timed out|ConnectTimeout|Max retries"
        r"|Connection reset|5\d\d Server Error)|50[234] Server Error.*huggingface|IncompleteRead"
        r"|ChunkedEncodingError|Data processing error: CAS service error"
        r"|Error while downloading from https://(?:cdn|cas|huggingface)"
        r"|hf_transfer.*error|error occurred while downloading using `hf_transfer`|httpx\.(?:ReadTimeout"
        r"|ConnectTimeout|RemoteProtocolError)",
        cause="the connection to the Hub broke off while files were fetched",
        remedy="start it again: what is there is kept; HF_HUB_DISABLE_XET=1 in {section}.environment "
        "where the new store is blocked",
        weight=2,
        services=_ASKS,
    ),
    Rule(
        "old TLS on the way",
        says=r"UNSAFE_LEGACY_RENEGOTIATION_DISABLED|WRONG_VERSION_NUMBER|wrong version number|TLSV1_ALERT"
        r"|SSLV3_ALERT|EOF occurred in violation of protocol|UNEXPECTED_EOF_WHILE_READING",
        cause="a proxy or firewall on the way breaks TLS open or speaks an old one, or plain HTTP is "
        "spoken to a TLS port",
        remedy="let that host pass the proxy (NO_PROXY) or give the proxy's settings (HTTPS_PROXY) as "
        "http://; ask who runs it",
        weight=3,
        services=_ASKS,
    ),
    Rule(
        "mirror or proxy that is not the Hub",
        says=r"Distant resource does not seem to be on huggingface|FileMetadataError|HF_ENDPOINT",
        cause="what answers is not the Hub: a mirror (HF_ENDPOINT) or a proxy takes away its headers",
        remedy="correct or take out HF_ENDPOINT in {section}.environment; let the Hub pass the proxy",
        weight=3,
        services=_ASKS,
    ),
    Rule(
        "network that is not there",
        says=r"Network is unreachable|No route to host|Errno 101|Errno 113|ConnectTimeout|Connect timed out"
        r"|RemoteDisconnected|Connection aborted|Could not reach",
        cause="containers cannot get outside: no route, a firewall, or a network without a way out "
        "(internal)",
        remedy="`docker network inspect` (internal: false), the firewall's FORWARD chain and the proxy; "
        "without the Hub `source: dir:PATH`",
        weight=1,
        services=_ASKS,
    ),
    Rule(
        "fast download without its package",
        says=r"hf_transfer'? package is not available",
        cause="fast downloads are switched on (HF_HUB_ENABLE_HF_TRANSFER), and the image lacks the package "
        "for them",
        remedy="take HF_HUB_ENABLE_HF_TRANSFER out of {section}.environment (or an image with hf_transfer)",
        weight=4,
    ),
    Rule(
        "address of the Hub without https://",
        says=r"MissingSchema|No scheme supplied|UnsupportedProtocol|Request URL is missing",
        cause="HF_ENDPOINT (or a proxy variable) is given without its scheme, so that no request can be made",
        remedy="write it with https:// in {section}.environment, or take HF_ENDPOINT out",
        weight=4,
        services=_ASKS,
    ),
    Rule(
        "download of another process",
        says=r"[Ss]till waiting to acquire lock on (?P<path>\S+)|Timeout.*\.lock",
        cause="another process downloads the same, or left its lock in the cache",
        remedy="wait; where nobody downloads delete the file under .locks that it names",
        weight=2,
        status=Status.WARN,
    ),
    Rule(
        "packets too large for the way",
        says=r"MTU|PMTU|(?:TLS|SSL) handshake.{0,20}tim(?:ed|e)[ -]?out|handshake operation timed out",
        cause="connections begin and then hang: packets are larger than the way allows (a VPN or tunnel "
        "with a smaller MTU than the engine's 1500), or a proxy swallows them",
        remedy="compare `ip link` of the host's way out; set `mtu` in /etc/docker/daemon.json (1400) and recreate "
        "the networks",
        weight=2,
        services=_ASKS,
    ),
)


@check(
    "hub.offline",
    "The servers reach the Hub, or have what they need",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def hub_offline(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why a server cannot get what is not in its cache.

    Offline mode, names that containers cannot look up, certificates of a proxy and limits all end in failed
    downloads, and are often taken for an outage of the Hub. Names that fail at once are the host's resolv.conf.
    What is in the cache needs none of it.
    """
    return read(RULES, plan, seen)
