"""Compares `diagnose` with what people run one after the other to find out what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.comparison import Comparison, Series, ratio
from bench.timing import Side, in_turns

if TYPE_CHECKING:
    from bench.project import Project

_ROUNDS = 12
_LINES = 200


def diagnoses(project: Project) -> list[Comparison]:
    """Compare one `diagnose` of the whole stack with its logs, `inspect`, the kernel's log and the disks, by hand."""
    ours = Side("toolkit diagnose", project.toolkit("diagnose"))
    names = [line.split()[0] for line in project.containers().splitlines()]
    logs = [f"docker logs --tail {_LINES} {name}" for name in names]
    commands = [*logs, f"docker inspect {' '.join(names)}", "dmesg", "df -h", "df -i"]
    by_hand = "; ".join(f"{command} > /dev/null 2>&1" for command in commands)
    peer = Side(f"docker logs ({len(names)}), inspect, dmesg, df", ("sh", "-c", f"{by_hand}; true"))
    taken = in_turns([ours, peer], _ROUNDS)
    return [ratio(Series(ours.name, taken[ours.name]), Series(peer.name, taken[peer.name]), None)]
