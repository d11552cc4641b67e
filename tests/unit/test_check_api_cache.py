"""api_cache: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_cache import api_cache
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.CACHE_MISS, trials.CACHE_HIT])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_cache, trial(name, "response-cache"))[0][:2] == (
        "pass",
        f"response-cache: {name}",
    )
    ((status, _, observed),) = judge_trials(api_cache, trial(name, "response-cache", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "response-cache", refusal="MISS, not HIT")
    assert judge_trials(api_cache, refused) == [("fail", f"response-cache: {name}", "MISS, not HIT")]
