"""A private network on this machine that hosts of their own are plugged into, and this machine as well."""

from __future__ import annotations

import os
import random
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.engine import execute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIRST_HOST = 11


@dataclass(frozen=True)
class Wire:
    """A bridge in a network namespace of its own, that of the program `pid`; `net` are three of four bytes."""

    net: str
    pid: int

    @property
    def here(self) -> str:
        """The address of this machine."""
        return f"{self.net}.1"

    def plug(self, name: str, pid: int, number: int) -> str:
        """Give the network namespace of `pid` an `eth0` on this wire, and return its address."""
        address = f"{self.net}.{_FIRST_HOST + number}"
        self._cable(name, f"eth0 netns {pid}")
        in_network(pid, f"addr add {address}/24 dev eth0", "link set eth0 up")
        return address

    def plug_in_this_machine(self) -> None:
        """Reach the hosts from here; the cable goes when the other end's namespace goes."""
        name = f"lab-{self.net.replace('.', '-')}"
        self._cable("test", f"{name} netns {os.getpid()}")
        in_network(os.getpid(), f"addr add {self.here}/24 dev {name}", f"link set {name} up")

    def _cable(self, end: str, other_end: str) -> None:
        add = f"link add {end} type veth peer name {other_end}"
        in_network(self.pid, add, f"link set {end} master wire up")


@contextmanager
def wire() -> Iterator[Wire]:
    """Lay a wire; the kernel takes it away with the program that holds it, which ends when this one does."""
    with subprocess.Popen(("unshare", "--net", "cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        assert cat.stdin is not None
        assert cat.stdout is not None
        cat.stdin.write(b"ready\n")
        cat.stdin.flush()
        assert cat.stdout.readline(), "no network namespace of its own"
        in_network(cat.pid, "link add wire type bridge", "link set wire up")
        laid = Wire(_free_net(), cat.pid)
        laid.plug_in_this_machine()
        yield laid


def in_network(pid: int, *lines: str) -> None:
    """Have `ip` do `lines` in the network namespace of `pid`."""
    done = execute(*network_of(pid), "ip", "-batch", "-", stdin="\n".join(lines))
    assert done.returncode == 0, f"ip: {done.stderr}"


def network_of(pid: int) -> Sequence[str]:
    """Return the beginning of a command line that runs in the network namespace of `pid`."""
    return ("nsenter", f"--net=/proc/{pid}/ns/net")


def _free_net() -> str:
    for _ in range(20):
        net = f"10.{random.SystemRandom().randint(200, 254)}.{random.SystemRandom().randint(0, 255)}"
        # "root" lists the routes to the network and to parts of it.
        if not execute("ip", "-4", "route", "show", "root", f"{net}.0/24").stdout:
            return net
    raise AssertionError("none of twenty private networks is free")
