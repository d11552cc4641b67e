"""Is the image there?"""

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
        "download that broke off",
        says=r"^(?:Error response from daemon: |failed to \w+.*: )?(?:unexpected EOF|short read: "
        r".*unexpected EOF)\s*$",
        cause="the download of the image broke off: the network, a proxy, or a disk that is full",
        remedy="pull it again (finished layers are kept); look at the disk's room and at the engine's proxy",
        weight=3,
    ),
    Rule(
        "image of another operating system",
        says=r"image operating system \"(?P<os>\w+)\" cannot be used on this platform",
        cause="the image is made for {os}, which this engine does not run",
        remedy="take the Linux image, or switch Docker Desktop to Linux containers",
        weight=4,
    ),
    Rule(
        "registry cannot be reached",
        says=r"(?:lookup (?P<registry>[\w-]+\.[\w.-]+).*(?:no such host|i/o timeout|server misbehaving"
        r"|connection refused))|registry.*(?:i/o timeout|TLS handshake timeout|connection refused"
        r"|context deadline)"
        r"|Get \"?https?://[^\"]*/v2/.*(?:dial tcp|EOF|[Tt]imeout|request canceled|connection reset)"
        r"|failed to do request: Head",
        cause="the registry {registry} cannot be reached: no network, no name, or a proxy that the engine "
        "does not know",
        remedy="look at network and proxy of the engine; on a machine without a registry `image_source: "
        "local` and `toolkit images build`",
        weight=3,
    ),
    Rule(
        "no such tag",
        says=r"manifest for (?P<image>\S+) not found|manifest unknown|manifest.*not found"
        r"|not found: manifest",
        cause="the registry has no such image or tag {image}",
        remedy="correct {section}.image: name and tag (many images have no `latest`)",
        weight=3,
    ),
    Rule(
        "image for other processors",
        says=r"no matching manifest for (?P<arch>[\w/]+)|image with reference .* was found but does not "
        r"provide the "
        r"specified platform|does not match the specified platform: wanted (?P<want>\S+)",
        cause="the image is not published for this processor architecture or platform ({arch}{want})",
        remedy="take a tag that has it (`docker manifest inspect` lists them), build it here, or another image: "
        "{section}.image; platform: linux/amd64 emulates, slowly",
        weight=4,
        rejects=("a wrong name: the image is there, for others",),
    ),
    Rule(
        "name that is none of an image",
        says=r"invalid reference format|repository name must be lowercase|invalid (?:tag|repository) (?:name"
        r"|format)",
        cause="the image's name is not valid: capitals, a blank, a variable that was empty, or a colon too "
        "many",
        remedy="correct {section}.image; a variable that is empty shows in `docker compose config`",
        weight=4,
    ),
    Rule(
        "limit of the registry",
        says=r"toomanyrequests|(?:reached|exceeded) your (?:unauthenticated )?pull rate limit",
        cause="the registry limits how often this address may pull",
        remedy="`docker login` (it raises the limit), a mirror or proxy of your own, or wait; pin images so that "
        "they are not pulled again",
        weight=4,
    ),
    Rule(
        "helper for credentials",
        says=r"error getting credentials|docker-credential-\S+.*(?:not found|error|exit)",
        cause="the engine's client is told to ask a credential helper (credsStore in ~/.docker/config.json) that is "
        "not there or locked",
        remedy="take credsStore out of ~/.docker/config.json (or install that helper), then `docker login` "
        "again",
        weight=4,
        rejects=("the image: nobody asked the registry yet",),
    ),
    Rule(
        "certificate of the registry",
        says=r"/v2/.*x509: certificate|x509: certificate.*(?:registry|/v2/)",
        cause="the registry (or a proxy before it) shows a certificate that the engine does not trust, or a "
        "clock is wrong",
        remedy="put its CA into /etc/docker/certs.d/HOST/ca.crt (or the host's store), restart the engine; look at "
        "the clock",
        weight=4,
    ),
    Rule(
        "image that nobody gives",
        says=r"pull access denied|requested access to the resource is denied"
        r"|unauthorized: (?:authentication required|incorrect username)",
        cause="the registry gives this image to nobody of that name: it is private, or misspelt",
        remedy="check the name; of a private one `docker login` first",
        weight=3,
        services="",
    ),
    Rule(
        "image not on this machine",
        says=r"[Nn]o such image:? ?(?P<image>\S*)|[Uu]nable to find image '(?P<name>[^']+)' locally"
        r"|image .* not found locally",
        cause="the image {image}{name} is not on this machine, and may not be pulled",
        remedy="`toolkit up` gets it: it pulls, or with image_source: local builds (`toolkit images build`)",
        weight=2,
    ),
    Rule(
        "images of the engine damaged",
        says=r"layer does not exist|failed to register layer|content digest .* not found"
        r"|unexpected commit digest|blob .* (?:not found|expected at)"
        r"|filesystem layer verification failed|snapshot .* does not exist",
        cause="layers of the image are missing or damaged in the engine's store: a pull was cut off, or "
        "the disk was full",
        remedy="`docker image rm` it and pull again; look at the disk's room before",
        weight=3,
    ),
    Rule(
        "registry that speaks HTTP",
        says=r"server gave HTTP response to HTTPS client",
        cause="the registry speaks plain HTTP",
        remedy="give it a certificate, or list it under insecure-registries in /etc/docker/daemon.json",
        weight=3,
    ),
)


@check(
    "container.image", "The engine has or gets the image", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE}
)
def container_image(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why the engine has no image to start from.

    No network, no such tag, access denied, never pulled: each has its own words, and each its own cure. On a
    machine that reaches no registry the images are built here (`image_source: local`). Certain from the engine's
    words.
    """
    return read(RULES, plan, seen)
