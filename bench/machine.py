"""What a table has to say of the machine and the versions it was measured with."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

import psutil

from bench.environments import ROOT
from bench.errors import BenchError
from bench.timing import run

if TYPE_CHECKING:
    from bench.environments import Environment


def describe(tutor: Environment) -> dict[str, str]:
    """Return machine, load and versions by name, in the order to show them; call it before anything is run."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return {
        "commit": _commit(),
        "machine": f"{len(os.sched_getaffinity(0))} cores, {memory_gib:.0f} GiB",
        "load at start": f"{os.getloadavg()[0]:.2f} (mean of the last minute)",
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "engine": run(("docker", "version", "--format", "{{.Server.Version}}")).strip(),
        "compose": run(("docker", "compose", "version", "--short")).strip(),
        "python": platform.python_version(),
        "peer": f"Tutor {run((tutor.command('tutor'), '--version')).split()[-1]}",
    }


def _commit() -> str:
    git = ("git", "-C", str(ROOT))
    try:
        commit = run((*git, "rev-parse", "--short", "HEAD")).strip()
        changed = run((*git, "status", "--porcelain", "--", "toolkit", "compose", "templates", "profiles"))
    except BenchError:
        return "unknown (no git checkout)"
    return f"{commit} with changes" if changed else commit
