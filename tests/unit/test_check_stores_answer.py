"""stores_answer: what went well, what was slow, what was refused."""

from __future__ import annotations

import pytest

from tests.support.watches import judge_trials, trial
from toolkit.checks.stores_answer import stores_answer
from toolkit.planning import trials


@pytest.mark.parametrize("name", [trials.STORE, trials.VECTORS])
def test_each_of_its_trials_is_judged(name: str) -> None:
    assert judge_trials(stores_answer, trial(name, "mariadb"))[0][:2] == ("pass", f"mariadb: {name}")
    ((status, _, observed),) = judge_trials(stores_answer, trial(name, "mariadb", slow=True))
    assert status == "fail"
    assert observed.endswith("the best of three")
    refused = trial(name, "mariadb", refusal="ERROR 1290: read-only")
    assert judge_trials(stores_answer, refused) == [("fail", f"mariadb: {name}", "ERROR 1290: read-only")]
