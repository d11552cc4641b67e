"""Reads the kernel's own log for what speaks of memory kills, cards and disks; nothing else is kept."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from toolkit.errors import EngineError, Problem
from toolkit.facts import KernelFact
from toolkit.probes.cgroups import container_in

KMSG = Path("/dev/kmsg")
_RECORD_BYTES = 8192
_MOST = 400
_TELLING = re.compile(
    r"oom-kill:|Out of memory|invoked oom-killer|oom_reaper|Killed process"
    r"|NVRM|Xid|nvidia|NVLink"
    r"|I/O error|EXT4-fs (error|warning)|XFS .*(error|corruption|shut ?down)|BTRFS.*(error|critical)"
    r"|Remounting filesystem read-only|read-only file ?system|nvme\S* .*(timeout|reset|abort)|ata\d.*(error|failed)"
    r"|blocked for more than|Machine check|Hardware Error|segfault at|trap (invalid|divide)",
    re.IGNORECASE,
)
# The kernel names the container in the first of the two lines only.
_NAMES_VICTIM = "oom-kill:"
_VICTIM = "Killed process"
_PLAIN = re.compile(r"^(?:<\d+>)?\[\s*(\d+\.\d+)\]\s?(.*)$")

Wall = Callable[[], float]


class Line(NamedTuple):
    """A line of the log, and the seconds after the start of the machine."""

    uptime_s: float
    text: str


def read_kmsg(path: Path = KMSG) -> tuple[Line, ...]:
    """Return every line that the kernel still has. Raises EngineError where this user may not read them."""
    try:
        device = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        step = "run as root: the kernel shows its log to nobody else"
        raise EngineError(Problem("kernel log", "it cannot be read", str(error), step)) from error
    try:
        return tuple(_records(device))
    finally:
        os.close(device)


def _records(device: int) -> Iterator[Line]:
    while True:
        try:
            record = os.read(device, _RECORD_BYTES)
        except BrokenPipeError:
            continue  # overwritten while we read: the next one is there
        except BlockingIOError:
            return
        if not record:
            return
        head, _, text = record.decode("utf-8", "replace").partition(";")
        with suppress(IndexError, ValueError):
            yield Line(int(head.split(",")[2]) / 1e6, text.splitlines()[0] if text else "")


def dmesg_lines(text: str) -> tuple[Line, ...]:
    """Return the lines of `dmesg`'s own text, for logs that were kept."""
    found = (_PLAIN.match(line) for line in text.splitlines())
    return tuple(Line(float(one[1]), one[2]) for one in found if one)


def kernel_facts(
    lines: Iterable[Line], wall: Wall = time.time, boot: Wall = time.monotonic
) -> tuple[KernelFact, ...]:
    """Return the telling ones, the last 400 at most, each with its time and the container that it is about."""
    started = wall() - boot()
    found, container = [], ""
    for line in lines:
        if not _TELLING.search(line.text):
            continue
        if _NAMES_VICTIM in line.text:
            container = container_in(_memory_group(line.text))
        about = container if _NAMES_VICTIM in line.text or _VICTIM in line.text else ""
        at = datetime.fromtimestamp(started + line.uptime_s, UTC).isoformat(timespec="seconds")
        found.append(KernelFact(line.text.strip(), at, about))
    return tuple(found[-_MOST:])


def _memory_group(text: str) -> str:
    """Return the group whose limit was reached, else the one that the victim was in."""
    found = dict(pair.partition("=")[::2] for pair in text.split(","))
    limit = found.get("oom_memcg", "")
    return limit if container_in(limit) else found.get("task_memcg", "")
