"""llm.preemptions: requests that have begun and were put back."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from toolkit.checking import Finding, Status
from toolkit.checks.llm_preemptions import llm_preemptions
from toolkit.facts import FiguresFact


def found(preempted: float, finished: float) -> Finding:
    numbers = {"num_preemptions_total": preempted, "request_success_total": finished}
    (one,) = ask(llm_preemptions, model_metrics=(FiguresFact("llm-general", numbers),))
    return one


@pytest.mark.parametrize(
    ("preempted", "finished", "status"),
    [(50, 99, Status.SKIP), (1, 100, Status.PASS), (2, 100, Status.WARN), (0, 1e6, Status.PASS)],
)
def test_one_of_a_hundred_is_the_price_of_a_full_cache(
    preempted: float, finished: float, status: Status
) -> None:
    assert found(preempted, finished).status is status


def test_it_says_what_to_lower() -> None:
    one = found(30, 200)
    assert one.observed == "preempted: 15% of 200"
    assert "services.llm_general.flags.max_num_seqs" in one.remedy


def test_a_server_that_does_not_count_them_is_skipped() -> None:
    (one,) = ask(llm_preemptions, model_metrics=(FiguresFact("llm-general", {}),))
    assert (one.status, one.cause) == (Status.SKIP, "num_preemptions_total, request_success_total")
