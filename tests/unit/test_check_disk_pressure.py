"""File systems that fill up, of the host and in memory."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.disk_pressure import disk_pressure
from toolkit.facts import FilesystemFact


def test_room_everywhere() -> None:
    seen = (FilesystemFact("/", "ext4", 1000, 500, 0.9), FilesystemFact("/boot", "vfat", 100, 1, 0.9))
    (found,) = ask(disk_pressure, filesystems=seen)
    assert found.status is Status.PASS


def test_a_full_disk_and_one_without_inodes() -> None:
    seen = (FilesystemFact("/", "ext4", 1000, 20, 0.9), FilesystemFact("/srv", "ext4", 1000, 500, 0.005))
    full, inodes = ask(disk_pressure, filesystems=seen)
    assert (full.subject, full.status, full.concerns) == ("/", Status.FAIL, ())
    assert (inodes.status, inodes.cause) == (Status.FAIL, "too many small files")


def test_shared_memory_of_a_container() -> None:
    (found,) = ask(
        disk_pressure, filesystems=(FilesystemFact("/dev/shm", "tmpfs", 64, 5, 1.0, service="llm-general"),)
    )
    assert (found.subject, found.status, found.concerns) == (
        "llm-general:/dev/shm",
        Status.WARN,
        ("llm-general",),
    )
    assert "services.llm_general.shm_size" in found.remedy
