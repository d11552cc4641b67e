"""Has the machine time and memory left?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_BUSY, _LOAD_PER_CPU = 80, 2
_MEMORY_HIGH, _MEMORY_FULL = 85, 95
_SWAPPED = 50
_STALLED = {"memory.full": 5.0, "io.full": 20.0}


@check(
    "host.pressure",
    "The machine has time and memory left",
    needs={Need.HOST, Need.PRESSURE},
    suites={Suite.DIAGNOSE},
    explains=("endpoint.slow",),
)
def host_pressure(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of memory used over 85 % (fail over 95 %), of swap half full, and of processors over 80 % with a queue.

    Busy processors are a fault only where work waits for them: a load of more than twice their number in the last
    minute. Where the kernel tells its pressure (PSI), warn also where all work waited for memory in 5 % of the last
    minute, or for disks in 20 %.
    """
    del plan
    host, busy = known(seen.host), known(seen.pressure)
    if host.available_mib is not None:
        yield _memory(host.memory_mib, host.available_mib)
    queued = busy.load_1m > _LOAD_PER_CPU * host.cpus
    hot = busy.cpu_percent > _BUSY and queued
    yield Finding(
        subject="processors",
        status=Status.WARN if hot else Status.PASS,
        observed=f"{busy.cpu_percent:.0f} % busy, a load of {busy.load_1m:.1f} on {host.cpus}",
        expected=f"under {_BUSY} %, or a load under {_LOAD_PER_CPU * host.cpus}" if hot else "",
        remedy="`ps aux --sort=-%cpu | head` names the busiest; stop what is not needed" if hot else "",
    )
    swapped = 100 * busy.swap_used_mib / busy.swap_total_mib if busy.swap_total_mib else 0
    if swapped > _SWAPPED:
        yield Finding(
            "swap",
            Status.WARN,
            f"{busy.swap_used_mib} of {busy.swap_total_mib} MiB",
            f"under {_SWAPPED} %",
            remedy="`ps aux --sort=-rss | head` names the largest; stop what is not needed, or plan with "
            "less memory",
        )
    for name, most in _STALLED.items():
        if busy.stalled.get(name, 0.0) > most:
            what = name.partition(".")[0].replace("io", "disks")
            yield Finding(
                what,
                Status.WARN,
                f"all work waited for it in {busy.stalled[name]:.0f} % of the last minute",
                f"under {most:.0f} %",
                remedy="`toolkit status` and `docker stats` show who is at work; give it less to do, or "
                "more of it",
            )


def _memory(total_mib: int, available_mib: int) -> Finding:
    used = 100 * (1 - available_mib / total_mib)
    status = Status.FAIL if used > _MEMORY_FULL else Status.WARN if used > _MEMORY_HIGH else Status.PASS
    bad = status is not Status.PASS
    return Finding(
        subject="memory",
        status=status,
        observed=f"{used:.0f} % of {total_mib} MiB in use",
        expected=f"under {_MEMORY_HIGH} %" if bad else "",
        cause="the kernel will end a process soon, of whatever service" if status is Status.FAIL else "",
        remedy="`ps aux --sort=-rss | head` names the largest; stop what is not needed, or plan with less "
        "memory"
        if bad
        else "",
    )
