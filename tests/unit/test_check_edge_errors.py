"""edge.errors: 5xx of all answers."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.edge_errors import edge_errors
from toolkit.facts import FiguresFact


@pytest.mark.parametrize(
    ("errors", "all_", "status"), [(50, 99, Status.SKIP), (10, 1000, Status.PASS), (15, 1000, Status.FAIL)]
)
def test_the_target_is_that_of_the_profile(errors: float, all_: float, status: Status) -> None:
    numbers = {"edge/FRONTEND/hrsp_5xx": errors, "edge/FRONTEND/req_tot": all_}
    (one,) = ask(edge_errors, edge_stats=(FiguresFact("edge", numbers),))
    assert one.status is status
    assert bool(one.remedy) is (status is Status.FAIL)


def test_other_frontends_do_not_count() -> None:
    numbers = {"inner/FRONTEND/hrsp_5xx": 500.0, "inner/FRONTEND/req_tot": 500.0}
    (one,) = ask(edge_errors, edge_stats=(FiguresFact("edge", numbers),))
    assert (one.status, one.observed) == (Status.SKIP, "errors: not told by this server")
    assert isinstance(one, Finding)
