"""mariadb.temp_tables: sorting on disk."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.mariadb_temp_tables import mariadb_temp_tables
from toolkit.facts import FiguresFact


@pytest.mark.parametrize(
    ("disk", "all_", "status"), [(999, 999, Status.SKIP), (250, 1000, Status.PASS), (251, 1000, Status.WARN)]
)
def test_a_quarter_may_go_to_disk(disk: float, all_: float, status: Status) -> None:
    numbers = {"Created_tmp_disk_tables": disk, "Created_tmp_tables": all_}
    (one,) = ask(mariadb_temp_tables, mariadb=(FiguresFact("mariadb", numbers),))
    assert one.status is status
    assert ("toolkit db indexes" in one.remedy) is (status is Status.WARN)
