"""Turns what docker and docker compose print when they fail into problems with a next step."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.engine.parse import unreachable
from toolkit.errors import Problem

_ADDRESS = r"(?P<address>(?:\d+(?:\.\d+){3}|\[[0-9a-f:]*\]):\d+)"
_RLIMITS = {"4": "core", "6": "nproc", "7": "nofile", "8": "memlock"}
_PROGRESS = re.compile(
    r"^\s*(?:Container|Network|Volume|Image|Service)?\s*(?P<name>\S+)\s+(?P<step>[A-Z][a-z]+)\s*$"
)
_UNFINISHED = frozenset({"Creating", "Recreate", "Starting", "Restarting", "Pulling", "Error"})
_LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that we know: how it reads, and what to say; `{key}` is the service's key in a profile."""

    pattern: re.Pattern[str]
    what: str
    next_step: str


def _known(pattern: str, what: str, next_step: str) -> Known:
    return Known(re.compile(pattern), what, next_step)


# Docker Engine 20.10 to 28 and Compose 2.26 to 2.40; the most telling first.
KNOWN: tuple[Known, ...] = (
    _known(
        rf"(?:listen (?:tcp|udp)\d? |failed to bind host port (?:for )?){_ADDRESS}.*address already in use",
        "port {address} is taken by another process",
        "`ss -ltnp` names it; stop it, or set another services.{key}.port",
    ),
    _known(
        r"Bind for (?P<address>\S+) failed: port is already allocated",
        "port {address} is taken by another container",
        "`docker ps` names it; stop it, or set another services.{key}.port",
    ),
    _known(
        r"toomanyrequests",
        "the registry refuses: too many pulls from this address",
        "`docker login`, or wait some hours, or use `image_source: local` with `toolkit images build`",
    ),
    _known(
        r'"https?://(?P<registry>[^/"]+)[^"]*":.*(?:dial tcp|timeout|TLS|EOF|canceled|deadline|proxyconnect)',
        "the registry {registry} cannot be reached",
        "check network and proxy of the engine, or use `image_source: local` with `toolkit images build`",
    ),
    _known(
        r"(?:manifest for (?P<image>\S+) not found|manifest unknown|failed to resolve reference .*not found)",
        "the registry has no such image or tag",
        "check name and tag of the image",
    ),
    _known(
        r"(?:pull access denied|requested access to the resource is denied|unauthorized: )",
        "the registry gives this image to nobody of that name",
        "check the image's name; if it is a private one, `docker login` first",
    ),
    _known(
        r"[Nn]o such image: (?P<image>[^\s:]+(?::[\w.-]*\w)?)",
        "the image {image} is not on this machine",
        "`toolkit up` gets it: it pulls, or with `image_source: local` builds",
    ),
    _known(
        r"bind source path does not exist: (?P<path>.+)",
        "a path to be mounted is not there: {path}",
        "`toolkit render` writes what belongs to the bundle; a path of your own has to exist before",
    ),
    _known(
        r"Are you trying to mount a directory onto a file",
        "a directory is mounted onto a file, or a file onto a directory",
        "compare the two paths of the mount: both have to be a file, or both a directory",
    ),
    _known(
        r"env file (?P<path>.+?) not found",
        "an env file is not there: {path}",
        "make it, or take it out of the service",
    ),
    _known(
        r"exec format error",
        "the image is built for another processor architecture",
        "use an image for this machine's architecture: `docker image inspect` names the image's",
    ),
    _known(
        r'exec: "(?P<program>[^"]+)".*(?:no such file or directory|executable file not found)',
        "the program {program} is not in the image",
        "check image and tag: the command belongs to another image",
    ),
    _known(
        r'exec: "(?P<program>[^"]+)".*permission denied',
        "the file {program} may not be executed",
        "check image and tag: the command belongs to another image",
    ),
    _known(
        r'The container name "/?(?P<name>[^"]+)" is already in use',
        "a container named {name} is there already",
        "look at it with `docker inspect {name}`; if it is of no use, `docker rm -f {name}`",
    ),
    _known(
        r"Pool overlaps with other one|non-overlapping IPv4 address pool|pools have been fully subnetted",
        "no free address range is left for a network",
        "`docker network ls` shows the networks, `docker network prune` removes the unused ones",
    ),
    _known(
        r"error setting rlimit type (?P<rlimit>\d+): operation not permitted",
        "this machine does not allow the ulimit {rlimit}",
        "lower it or leave it out in the profile: the engine's own limits stand above it",
    ),
    _known(
        r"Range of CPUs is from \S+ to (?P<cpus>[\d.]+\d)",
        "asks for more processors than the machine has: {cpus}",
        "set services.{key}.cpus to at most {cpus}",
    ),
    _known(
        r"[Mm]inimum memory limit allowed is (?P<least>\S+)",
        "its memory limit is below the engine's least, {least}",
        "raise services.{key}.memory",
    ),
    _known(
        r'could not select device driver "(?P<driver>[^"]*)"',
        "the engine cannot give GPUs to containers",
        "install the NVIDIA Container Toolkit on that host and restart its engine, or use `hardware: cpu`",
    ),
    _known(
        r"nvidia-container-cli: device error: (?P<card>[^\s:]+): unknown device",
        "the host has no card {card}",
        "`nvidia-smi -L` on that host lists its cards; correct `gpus` of the host under `hosts:`, "
        "or of the service that names it",
    ),
    _known(
        r"nvidia-container-cli: initialization error: (?P<reason>[^\n]+)",
        "the NVIDIA driver of the host does not answer: {reason}",
        "`nvidia-smi` on that host has to list its cards first: (re)install the driver, or restart the host",
    ),
    _known(
        r"no space left on device",
        "the disk is full",
        "`docker system df` shows what the engine holds; `docker builder prune` frees what builds left",
    ),
)


def classify(text: str, project: str = "") -> tuple[Problem, ...]:
    """Return the problems in what a failed command printed: one at least, the unknown with its last lines.

    `where` is the service where the text tells it, else the project, else `docker`.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _PROGRESS.match(line)]
    gone = unreachable(text)
    found = [gone] if gone else [_problem(line, text, project) for line in lines]
    distinct: dict[tuple[str, str], Problem] = {}
    for problem in filter(None, found):
        distinct.setdefault((problem.where, problem.what), problem)
    return tuple(distinct.values()) or (_unknown(lines, text, project),)


def _problem(line: str, text: str, project: str) -> Problem | None:
    for known in KNOWN:
        match = known.pattern.search(line)
        if match is not None:
            service = service_of(line, text, project)
            words = {name: value or "" for name, value in match.groupdict().items()}
            words["key"] = service.replace("-", "_") or "<service>"
            if "rlimit" in words:
                words["rlimit"] = _RLIMITS.get(words["rlimit"], words["rlimit"])
            where = service or project or "docker"
            return Problem(where, known.what.format(**words), line, known.next_step.format(**words))
    return None


def _unknown(lines: list[str], text: str, project: str) -> Problem:
    last = "\n".join(lines[-_LINES_SHOWN:]) or "it printed nothing"
    where = service_of(last, text, project) or project or "docker"
    step = "these are its own words; `journalctl -u docker` or the daemon's log may say more"
    return Problem(where, "the engine refused", last, step)


def service_of(line: str, text: str, project: str) -> str:
    """Return the service that `line` is about: named in it, else the only one left unfinished, else ""."""
    name = re.compile(rf"\b{re.escape(project)}[-_](?P<service>[a-z0-9][a-z0-9_-]*?)[-_]\d+\b")
    named = name.search(line) if project else None
    if named is not None:
        return named["service"]
    steps = {match["name"]: match["step"] for match in map(_PROGRESS.match, text.splitlines()) if match}
    open_ones = [name.fullmatch(item) for item, step in steps.items() if step in _UNFINISHED]
    services = {match["service"] for match in open_ones if match}
    return services.pop() if len(services) == 1 else ""
