"""Looks at how busy this machine is: processors, swap, and the kernel's own pressure where it has it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

from toolkit.facts import PressureFact
from toolkit.units import MIB

_WINDOW_S = 0.5


def pressure_fact(proc: Path = Path("/proc")) -> PressureFact:
    """Return the fact, having watched the processors for half a second."""
    busy = psutil.cpu_percent(_WINDOW_S)
    swap = psutil.swap_memory()
    return PressureFact(
        cpu_percent=busy,
        load_1m=round(os.getloadavg()[0], 2),
        swap_total_mib=int(swap.total // MIB),
        swap_used_mib=int(swap.used // MIB),
        stalled=_stalled(proc / "pressure"),
    )


def _stalled(directory: Path) -> dict[str, float]:
    """Return the percentage of the last minute by resource and kind: `some avg10=0.00 avg60=1.20 …`."""
    found = {}
    for resource in ("cpu", "memory", "io"):
        with suppress(OSError):
            for line in (directory / resource).read_text(encoding="ascii").splitlines():
                kind, *pairs = line.split()
                if (resource, kind) != ("cpu", "full"):  # always 0 for the whole machine
                    found[f"{resource}.{kind}"] = float(dict(p.split("=") for p in pairs)["avg60"])
    return found
