"""api_refusals: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_refusals import api_refusals
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.NO_KEY, trials.WRONG_KEY, trials.UNKNOWN_MODEL, trials.TOO_LONG])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_refusals, trial(name, "edge"))[0][:2] == ("pass", f"edge: {name}")
    ((status, _, observed),) = judge_trials(api_refusals, trial(name, "edge", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "edge", refusal="status 200, not 401")
    assert judge_trials(api_refusals, refused) == [("fail", f"edge: {name}", "status 200, not 401")]
