"""disk.data: room for volumes and logs."""

from __future__ import annotations

import pytest

from tests.support.findings import ask, disk
from toolkit.checking import Status
from toolkit.checks.disk_data import disk_data


@pytest.mark.parametrize(
    ("free_mib", "inodes", "status"),
    [
        (10_000, 0.9, Status.PASS),
        (1_500, 0.9, Status.WARN),
        (10_000, 0.04, Status.WARN),
        (200, 0.9, Status.FAIL),
    ],
)
def test_little_room_is_a_warning_and_none_a_failure(free_mib: int, inodes: float, status: Status) -> None:
    (found,) = ask(disk_data, disks=(disk("data", free_mib, inodes=inodes),))
    assert (found.subject, found.status) == ("/data", status)
    assert bool(found.remedy) == (status is not Status.PASS)


def test_both_sides_are_shown() -> None:
    (found,) = ask(disk_data, disks=(disk("data", 1024),))
    assert found.observed == "1.0 GiB free, 90% of its inodes"
    assert found.expected.endswith("for fresh volumes and logs at their limit, 5% of the inodes")
