"""api_embeddings: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_embeddings import api_embeddings
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.EMBEDDING])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_embeddings, trial(name, "embeddings"))[0][:2] == ("pass", f"embeddings: {name}")
    ((status, _, observed),) = judge_trials(api_embeddings, trial(name, "embeddings", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "embeddings", refusal="no vector")
    assert judge_trials(api_embeddings, refused) == [("fail", f"embeddings: {name}", "no vector")]
