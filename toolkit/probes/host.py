"""Looks at this machine: memory, processors, disk, and who listens on a port."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from toolkit.units import MIB

_ANY = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class Listener:
    """What listens on a port; the process of another user stays unknown without root: pid None."""

    name: str
    pid: int | None

    def as_text(self) -> str:
        """Return `nginx (pid 812)`, or `another process`."""
        return "another process" if self.pid is None else f"{self.name} (pid {self.pid})"


def memory_mib() -> int:
    """Return the machine's memory in MiB, what is in use included."""
    return int(psutil.virtual_memory().total // MIB)


def cpu_count() -> int:
    """Return how many processors this run may use."""
    return len(os.sched_getaffinity(0))


def free_disk_mib(path: Path) -> int:
    """Return the free MiB, for this user, on the file system that `path` is or would be on."""
    there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    return int(psutil.disk_usage(str(there)).free // MIB)


def read_sysctl(name: str) -> str | None:
    """Return a kernel setting of this machine, such as `vm.max_map_count`; None where it has no such one."""
    try:
        return Path("/proc/sys", *name.split(".")).read_text(encoding="ascii").strip()
    except OSError:
        return None


def port_refusal(address: str, port: int) -> str:
    """Return why nothing can listen on `address`:`port` now, "" where it can; asked of the kernel itself."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # As servers do: without it, connections that ended a minute ago would count as a listener.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
            trial.listen(1)
        except OSError as error:
            return _refusal(error, address, port)
    return ""


def port_listener(address: str, port: int) -> Listener | None:
    """Return what listens on `port` in a way that excludes `address`, None when nothing does."""
    with suppress(psutil.AccessDenied):
        for found in psutil.net_connections("tcp"):
            if found.status != psutil.CONN_LISTEN or not found.laddr or found.laddr.port != port:
                continue
            if _excludes(found.laddr.ip, address):
                return _listener(found.pid)
    return Listener("", None) if port_refusal(address, port).endswith("in use") else None


def program_name(pid: int) -> str:
    """Return the name of a process, "" for one that is gone or not to be seen."""
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return ""


def _excludes(one: str, other: str) -> bool:
    return one == other or one in _ANY or other in _ANY


def _listener(pid: int | None) -> Listener:
    if pid is None:
        return Listener("", None)
    try:
        return Listener(psutil.Process(pid).name(), pid)
    except psutil.Error:
        return Listener("a program", pid)


def _refusal(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{address}:{port} is in use"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is no address of this machine"
    if error.errno == errno.EACCES:
        return f"port {port} is for root only"
    return str(error)
