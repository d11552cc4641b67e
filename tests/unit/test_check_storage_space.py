"""storage.space: six things are called a full device"""

from __future__ import annotations

import pytest

from tests.support.findings import disk
from tests.support.readings import agrees, read_line
from toolkit.checking import Confidence
from toolkit.checks.storage_space import storage_space
from toolkit.facts import FilesystemFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "mariadb",
            "[ERROR] InnoDB: preallocating 100663296 bytes for file ./ib_logfile101 failed with error 28",
            "disk under it is full",
            "docker system df",
        ),
        (
            "mariadb",
            "[ERROR] InnoDB: Error number 28 means 'No space left on device'",
            "disk under it is full",
            "docker system df",
        ),
        (
            "vector-db",
            'ERROR:  could not resize shared memory segment "/PostgreSQL.123" to 67128672 bytes: No space '
            "left on device",
            "/dev/shm",
            "raise shm_size",
        ),
        ("prometheus", "inotify_add_watch: No space left on device", "inotify", "max_user_watches"),
        ("llm-general", "OSError: [Errno 122] Disk quota exceeded", "quota", "raise it"),
        (
            "mariadb",
            "mkdir /sys/fs/cgroup/memory/docker/x: no space left on device",
            "the kernel has no room for another control group",
            "restart the host; update kernel, docker",
        ),
        (
            "mariadb",
            "[ERROR] InnoDB: preallocating 1 bytes for file ./ibtmp1 failed with error 28",
            "the disk under it is full",
            "make room: `docker system df` shows",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(storage_space, service, line, cause, remedy)


FULL = "OSError: [Errno 28] No space left on device"


def test_inodes_a_tmpfs_and_another_file_system_are_told_apart() -> None:
    roomy = disk("images", 50_000)
    without = read_line(storage_space, FULL, disks=(disk("images", 50_000, inodes=0.0),))
    assert "no inodes left" in without.cause
    assert any(text.startswith("disk full: the disks have room") for text in without.rejected)
    tmpfs = FilesystemFact("/tmp", "tmpfs", 64, 0, 0.9, service="llm-general")
    elsewhere = read_line(storage_space, FULL, disks=(roomy,), filesystems=(tmpfs,))
    assert "another, smaller file system" in elsewhere.cause
    assert any("/tmp of llm-general" in text for text in elsewhere.evidence)
    run = FilesystemFact("/run", "tmpfs", 800, 0, 0.9)
    assert "/run" in read_line(storage_space, FULL, disks=(roomy,), filesystems=(run,)).cause
    full = read_line(storage_space, FULL, disks=(disk("images", 3),))
    assert full.confidence is Confidence.CERTAIN
