"""What the kernel of this machine says, and what is made of it."""

from __future__ import annotations

import platform
from pathlib import Path

from toolkit.probes.host import cpu_count, memory_mib
from toolkit.probes.kernel import clock_synchronised, disk_facts, host_fact


def test_the_machine() -> None:
    found = host_fact()
    assert (found.memory_mib, found.cpus) == (memory_mib(), cpu_count())
    assert found.available_mib is not None
    assert 0 < found.available_mib <= found.memory_mib
    assert platform.release() in found.kernel


def test_directories_of_one_file_system_share_it(tmp_path: Path) -> None:
    here, later = disk_facts({"data": tmp_path, "images": tmp_path / "not/there/yet"})
    assert (here.device, here.total_mib) == (later.device, later.total_mib)
    assert here.device == tmp_path.stat().st_dev
    assert later.path == str(tmp_path / "not/there/yet")
    assert 0 <= here.free_mib <= here.total_mib
    assert 0 <= here.free_inodes_share <= 1


def test_the_clock_says_one_or_the_other() -> None:
    assert clock_synchronised() in {True, False}
