"""Reads what a process group uses from the kernel's own files, of cgroup version 1 or 2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path("/sys/fs/cgroup")
_CONTAINER = re.compile(r"(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:$|[/,])")


@dataclass(frozen=True, slots=True)
class Sample:
    """Counters of one moment: memory without clean file pages in MiB, processor seconds, scheduler periods."""

    memory_mib: int
    cpu_s: float
    periods: int
    throttled: int
    pids: int
    oom_kills: int | None


class Cgroup:
    """The group of one process; raises OSError when it is gone."""

    def __init__(self, pid: int, proc: Path = Path("/proc"), root: Path = _ROOT) -> None:
        """Find the group of `pid`, for each controller where version 1 has one for each."""
        self._paths: dict[str, Path] = {}
        for line in (proc / str(pid) / "cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(",") if controllers else ("",):
                # Version 2 has one directory for all; where both are mounted its part holds no figures.
                place = root / controller if controller else root
                self._paths[controller] = place / path.lstrip("/")
        self._second = "memory" not in self._paths

    def sample(self) -> Sample:
        """Return the counters as they stand. Raises OSError."""
        return self._unified() if self._second else self._split()

    def _unified(self) -> Sample:
        at = self._paths[""]
        memory, cpu = _pairs(at / "memory.stat"), _pairs(at / "cpu.stat")
        used = int((at / "memory.current").read_text()) - memory.get("inactive_file", 0)
        return Sample(
            memory_mib=used // MIB,
            cpu_s=cpu["usage_usec"] / 1e6,
            periods=cpu.get("nr_periods", 0),
            throttled=cpu.get("nr_throttled", 0),
            pids=int((at / "pids.current").read_text()),
            oom_kills=_pairs(at / "memory.events").get("oom_kill"),
        )

    def _split(self) -> Sample:
        memory, cpu = self._paths["memory"], _pairs(self._paths["cpu"] / "cpu.stat")
        usage = int((memory / "memory.usage_in_bytes").read_text())
        used = usage - _pairs(memory / "memory.stat").get("total_inactive_file", 0)
        return Sample(
            memory_mib=used // MIB,
            cpu_s=int((self._paths["cpuacct"] / "cpuacct.usage").read_text()) / 1e9,
            periods=cpu.get("nr_periods", 0),
            throttled=cpu.get("nr_throttled", 0),
            pids=int((self._paths["pids"] / "pids.current").read_text()),
            oom_kills=_pairs(memory / "memory.oom_control").get("oom_kill"),
        )


def container_of(pid: int, proc: Path = Path("/proc")) -> str:
    """Return the id of the container that a process of this machine runs in, "" where it is in none, or gone."""
    try:
        return container_in((proc / str(pid) / "cgroup").read_text(encoding="ascii"))
    except OSError:
        return ""


def container_in(text: str) -> str:
    """Return the id of the container whose cgroup is named in `text`, "" for none."""
    for line in text.splitlines():
        if found := _CONTAINER.search(line):
            return found[1]
    return ""


def _pairs(file: Path) -> Mapping[str, int]:
    words = (line.split() for line in file.read_text(encoding="ascii").splitlines())
    return {pair[0]: int(pair[1]) for pair in words if len(pair) == 2}
