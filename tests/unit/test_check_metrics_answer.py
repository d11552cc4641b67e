"""metrics_answer: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.metrics_answer import metrics_answer
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.SCRAPED])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(metrics_answer, trial(name, "prometheus"))[0][:2] == ("pass", f"prometheus: {name}")
    ((status, _, observed),) = judge_trials(metrics_answer, trial(name, "prometheus", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "prometheus", refusal="not scraped: edge:8404")
    assert judge_trials(metrics_answer, refused) == [
        ("fail", f"prometheus: {name}", "not scraped: edge:8404")
    ]
