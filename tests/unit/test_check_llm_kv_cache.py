"""llm.kv_cache: a full cache is a cause where somebody waits for it."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.llm_kv_cache import llm_kv_cache
from toolkit.facts import FiguresFact


def found(used: float, waiting: float = 0, preempted: float = 0) -> Finding:
    numbers = {
        "kv_cache_usage_perc": used,
        "num_requests_waiting": waiting,
        "num_preemptions_total": preempted,
        "num_requests_running": 16,
    }
    (one,) = ask(llm_kv_cache, model_metrics=(FiguresFact("llm-general", numbers),))
    return one


@pytest.mark.parametrize(
    ("used", "waiting", "preempted", "status"),
    [
        (0.94, 5, 5, Status.PASS),
        (0.99, 0, 0, Status.PASS),
        (0.95, 1, 0, Status.WARN),
        (0.99, 0, 3, Status.WARN),
    ],
)
def test_full_counts_only_where_somebody_waits(
    used: float, waiting: float, preempted: float, status: Status
) -> None:
    assert found(used, waiting, preempted).status is status


def test_the_change_is_half_as_many_at_once() -> None:
    one = found(0.99, waiting=7)
    assert one.observed == "99% of its cache in use, 7 requests wait"
    assert [(change.key, change.value) for change in one.changes] == [
        ("services.llm_general.flags.max_num_seqs", 8)
    ]
    assert "num_requests_waiting 7" in one.evidence


def test_a_service_that_is_not_planned_gets_no_change() -> None:
    numbers = {"kv_cache_usage_perc": 1.0, "num_requests_waiting": 3.0}
    (one,) = ask(llm_kv_cache, model_metrics=(FiguresFact("llm-other", numbers),))
    assert (one.status, one.changes) == (Status.WARN, ())
