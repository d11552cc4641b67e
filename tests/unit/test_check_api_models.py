"""api_models: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_models import api_models
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.MODELS])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_models, trial(name, "edge"))[0][:2] == ("pass", f"edge: {name}")
    ((status, _, observed),) = judge_trials(api_models, trial(name, "edge", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "edge", refusal="not listed: fast")
    assert judge_trials(api_models, refused) == [("fail", f"edge: {name}", "not listed: fast")]
