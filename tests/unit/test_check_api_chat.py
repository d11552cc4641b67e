"""api_chat: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.api_chat import api_chat
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.CHAT, trials.STREAM, trials.SCHEMA, trials.TOOLS])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(api_chat, trial(name, "general"))[0][:2] == ("pass", f"general: {name}")
    ((status, _, observed),) = judge_trials(api_chat, trial(name, "general", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "general", refusal="status 503: busy")
    assert judge_trials(api_chat, refused) == [("fail", f"general: {name}", "status 503: busy")]


def test_what_a_model_cannot_do_is_skipped_and_others_trials_are_not_its_affair() -> None:
    cannot = trial(trials.TOOLS, status=400)
    assert judge_trials(api_chat, cannot) == [("skip", f"general: {trials.TOOLS}", "the model cannot do it")]
    assert judge_trials(api_chat, trial(trials.CHAT, status=400))[0][0] == "pass"
    assert judge_trials(api_chat, trial(trials.SCRAPED, "prometheus")) == []
