"""api_fallback: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_fallback import api_fallback
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.FALLBACK])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_fallback, trial(name, "fast"))[0][:2] == ("pass", f"fast: {name}")
    ((status, _, observed),) = judge_trials(api_fallback, trial(name, "fast", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "fast", refusal="status 503")
    assert judge_trials(api_fallback, refused) == [("fail", f"fast: {name}", "status 503")]
