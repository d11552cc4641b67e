"""Hosts of their own on this machine: each a real engine with its own network, mounts, programs and data.

    with hosts("ai", "app", cards={"ai": (uuid, uuid)}) as (ai, app):
        app.docker("run", "--publish", f"{app.address}:6379:6379", …)   # on that host
        ai.run("toolkit", "up", …)                                      # any program, on that host

They share this machine's images and files; this machine reaches their addresses, and they each other's.
"""

from __future__ import annotations

import ipaddress
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support.engine import docker, execute, inspect, until
from tests.support.gpus import Gpus
from tests.support.lab_place import lab_place
from tests.support.other_machine import require_root
from tests.support.own_engine import own_engine
from tests.support.wire import wire

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.own_engine import OwnEngine
    from tests.support.wire import Wire

_START_S = 180
_LISTENING = "0A"


@dataclass(frozen=True)
class Host:
    """One host; `pid` is its first program as this machine counts, `address` where all others reach it."""

    name: str
    address: str
    directory: Path
    pid: int

    @property
    def docker_host(self) -> str:
        """The address of its engine, from this machine too: for DOCKER_HOST."""
        return f"unix://{self.directory / 'docker.sock'}"

    @contextmanager
    def meant(self) -> Iterator[None]:
        """Have `docker`, `inspect` and all else of tests.support that asks an engine ask this host's."""
        with pytest.MonkeyPatch.context() as environ:
            environ.setenv("DOCKER_HOST", self.docker_host)
            yield

    def restart_engine(self) -> None:
        """End its dockerd as an init system does, and start another one over the same data; return when it answers."""
        (dockerd,) = (one for one in psutil.Process(self.pid).children() if one.name() == "dockerd")
        (self.directory / "again").touch()
        dockerd.terminate()
        psutil.wait_procs([dockerd], timeout=_START_S)
        until(self.answers, f"the engine of {self.name} answers again", _START_S)

    def answers(self) -> bool:
        """Return whether its engine does."""
        return execute("docker", "--host", self.docker_host, "version").returncode == 0

    @property
    def gpus(self) -> Gpus:
        return Gpus(self.directory / "gpus")

    def argv(self, *argv: str) -> list[str]:
        """Return a command line that runs `argv` on this host, in the present directory."""
        enter = ("nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--uts")
        there = ("env", f"--chdir={Path.cwd()}", "DOCKER_HOST=unix:///var/run/docker.sock")
        return [*enter, *there, *argv]

    def run(self, *argv: str, stdin: str = "", timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a program on this host to its end, whatever its exit code."""
        return execute(*self.argv(*argv), stdin=stdin, timeout_s=timeout_s)

    def docker(self, *words: str, stdin: str = "") -> str:
        """Return what docker prints of this host's engine; a failure shows what it said."""
        with self.meant():
            return docker(*words, stdin=stdin)

    def inspect(self, container: str) -> dict[str, Any]:
        """Return the engine's document of one container of this host."""
        with self.meant():
            return inspect(container)

    def pinned(self, container: str) -> tuple[str, ...]:
        """Return the ids of the cards that a container got at its latest start, as they were asked for."""
        return self.gpus.pinned(self.inspect(container)["Id"])

    def listens(self) -> set[tuple[str, int]]:
        """Return each address and TCP port of this host that something listens on, containers' own left out."""
        tables = [Path(f"/proc/{self.pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
        rows = [line.split() for table in tables for line in table.splitlines()[1:]]
        return {_place(row[1]) for row in rows if row[3] == _LISTENING}


@contextmanager
def hosts(
    *names: str,
    cards: Mapping[str, Sequence[str]] | None = None,
    engines: Mapping[str, Sequence[Path]] | None = None,
) -> Iterator[tuple[Host, ...]]:
    """Start a host of each name on one wire; `cards` are the UUIDs of those that shall seem to have some.

    `engines` are the directories with the programs of another engine than this machine's.

    About a second each; at the end they are killed, and nothing of them is left. They keep their numbers of
    processes (`State.Pid`) to themselves.
    """
    require_root()
    with ExitStack() as stack:
        place = stack.enter_context(lab_place())
        shared = stack.enter_context(wire())
        started = (
            _host(place / name, (cards or {}).get(name, ()), shared, n, (engines or {}).get(name, ()))
            for n, name in enumerate(names)
        )
        yield tuple(stack.enter_context(one) for one in started)


@contextmanager
def _host(
    directory: Path, cards: Sequence[str], shared: Wire, number: int, programs: Sequence[Path]
) -> Iterator[Host]:
    gpus = Gpus(directory / "gpus")
    gpus.install(cards)
    first = (gpus.directory, *programs)
    with own_engine(directory, path_first=first, environ=gpus.environ) as engine:
        address = shared.plug(directory.name, engine.pid, number)
        host = Host(directory.name, address, directory, engine.pid)
        until(lambda: _answers(host, engine), f"the engine of {host.name} answers", _START_S)
        yield host


def _answers(host: Host, engine: OwnEngine) -> bool:
    engine.check_alive()
    return host.answers()


def _place(text: str) -> tuple[str, int]:
    """Return address and port of the kernel's `0100007F:1F90`: words of four bytes, the last one first."""
    address, port = text.split(":")
    words = (address[i : i + 8] for i in range(0, len(address), 8))
    packed = b"".join(bytes.fromhex(word)[::-1] for word in words)
    return str(ipaddress.ip_address(packed)), int(port, 16)
