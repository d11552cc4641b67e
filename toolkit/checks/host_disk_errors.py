"""Do the host's disks work?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "disk with errors",
        says=r"I/O error, dev (?P<device>\w+)|Buffer I/O error on dev(?:ice)? (?P<device2>[\w-]+)"
        r"|blk_update_request: (?:critical )?\w+ error|critical medium error"
        r"|nvme\S*: (?:controller is down|I/O .* timeout)|ata\d+\.\d+: (?:failed command|exception)",
        cause="the disk {device}{device2} reports errors: what services write there fails or comes back wrong",
        remedy="copy what matters from it, `smartctl -a` shows its state, replace it; damaged files of "
        "databases follow from it",
        weight=3,
        lasting=True,
    ),
    Rule(
        "file system made read-only",
        says=r"(?:EXT4|XFS|BTRFS)\S* ?(?:\([^)]*\))?:? ?.*(?:error|corrupt|shutting down|forced readonly)"
        r"|Remounting filesystem read-only|[Ss]tructure needs cleaning",
        cause="the kernel found the file system damaged, and made it read-only",
        remedy="stop the stack, check the file system (`fsck`, `xfs_repair`) unmounted; look at the disk",
        weight=3,
        lasting=True,
    ),
    Rule(
        "input or output failed",
        says=r"[Ii]nput/output error|OS error(?: code)? 5\b|\bEIO\b|os error 5\b|Errno 5\]",
        cause="reading or writing a file failed below the file system: the disk, or a network share under it",
        remedy="`dmesg` names the device; look at it before the databases",
        weight=1,
        lasting=True,
    ),
    Rule(
        "work that hangs in the kernel",
        says=r"blocked for more than \d+ seconds|soft lockup|hung_task|rcu_sched self-detected stall",
        cause="a process waits in the kernel without end: a disk, a network share or a driver does not answer",
        remedy="look at the lines around it: storage, NFS or the card's driver; restart the host where it "
        "does not come back",
        weight=2,
        lasting=True,
    ),
    Rule(
        "memory or bus errors of the machine",
        says=r"Hardware Error|mce: \[|EDAC .*(?:UE|CE) |PCIe Bus Error: severity=(?:Uncorrected|Fatal)"
        r"|Machine check",
        cause="the machine's memory or bus reports errors",
        remedy="`ras-mc-ctl --errors` or the board's log names the part; replace it",
        weight=2,
        lasting=True,
    ),
)


@check(
    "host.disk-errors",
    "The disks of the host work",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=(
        "mariadb.*",
        "postgres.*",
        "redis.*",
        "elasticsearch.*",
        "prometheus.*",
        "storage.space",
        "container.mount",
    ),
)
def host_disk_errors(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say that a disk or its file system is at fault, before databases are repaired.

    Errors of the kernel come first: damaged files, read-only mounts and crashed databases follow from them. Copy
    what matters away; a repair of the database on a dying disk loses more.
    """
    return read(RULES, plan, seen)
