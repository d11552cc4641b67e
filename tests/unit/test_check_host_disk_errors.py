"""host.disk-errors: disks before databases"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.host_disk_errors import host_disk_errors


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        ("mariadb", "blk_update_request: I/O error, dev sda, sector 12345", "disk sda", "smartctl"),
        ("mariadb", "EXT4-fs error (device sda1): ext4_lookup: deleted inode referenced", "damaged", "fsck"),
        ("mariadb", "OSError: [Errno 5] Input/output error", "below the file system", "dmesg"),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(host_disk_errors, service, line, cause, remedy)
