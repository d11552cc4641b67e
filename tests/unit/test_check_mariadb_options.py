"""mariadb.options: options that do nothing any more."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.mariadb_options import mariadb_options
from toolkit.facts import FiguresFact, LogFact

# As MariaDB 11.8 prints them.
LINE = (
    "2026-12-01  4:54:42 0 [Warning] 'innodb-buffer-pool-instances' was removed. It does nothing now and exists only "
    "for compatibility with old my.cnf files."
)
OTHER = "2026-12-01  4:54:43 0 [Warning] --big-tables is deprecated and will be removed in a future release"


def found(*lines: str) -> tuple[Finding, ...]:
    return ask(mariadb_options, logs=(LogFact("redis", (LINE,)), LogFact("mariadb", lines)))


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ((LINE,), "innodb-buffer-pool-instances"),
        ((OTHER, LINE, LINE), "big-tables, innodb-buffer-pool-instances"),
        (("[Note] mariadbd: ready for connections",), ""),
        (("[Warning] Aborted connection 7 to db: 'app' was removed by its owner",), ""),
    ],
)
def test_its_own_log_names_them(lines: tuple[str, ...], names: str) -> None:
    (one,) = found(*lines)
    assert one.status is (Status.WARN if names else Status.PASS)
    assert one.observed == (f"without effect: {names}" if names else "no option is without effect")


def test_each_line_is_shown_once() -> None:
    (one,) = found(LINE, LINE)
    assert one.evidence == (LINE,)
    assert FiguresFact("x").texts == {}
