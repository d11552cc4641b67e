"""hub.token: no token, a bad one, and one whose owner was not let in."""

from __future__ import annotations

import pytest

from tests.support.findings import ask, model
from toolkit.checking import Status
from toolkit.checks.hub_token import hub_token
from toolkit.facts import HubFact

AT = "/cache/token"


@pytest.mark.parametrize(
    ("fact", "status", "observed"),
    [
        (model(), Status.PASS, "the servers may fetch it"),
        (model(401, "GatedRepo"), Status.FAIL, "gated, and the servers have no token"),
        (model(401, "GatedRepo", cache_known=False), Status.WARN, "gated, and the servers have no token"),
        (model(401, "RepoNotFound"), Status.FAIL, "unknown, or private"),
        (model(401, token=AT), Status.FAIL, "the token (/cache/token) is not valid"),
        (model(403, "GatedRepo", token=AT), Status.FAIL, "the token (/cache/token) is not let in"),
    ],
)
def test_401_and_403_are_told_apart(fact: HubFact, status: Status, observed: str) -> None:
    (found,) = ask(hub_token, hub=(fact,))
    assert (found.subject, found.status, found.observed) == ("meta/big", status, observed)
    assert bool(found.remedy) == (status is not Status.PASS)


def test_a_gated_model_names_the_page_of_its_terms() -> None:
    (found,) = ask(hub_token, hub=(model(401, "GatedRepo", shell_token=True),))
    assert found.remedy.startswith("accept its terms at https://huggingface.co/meta/big, make a token; ")
    assert (
        found.cause == "status 401, GatedRepo; this shell has one (HF_TOKEN), but the servers do not get it"
    )


def test_a_hub_that_does_not_answer_says_nothing_of_tokens() -> None:
    assert ask(hub_token, hub=(model(0, refusal="it does not answer"),)) == ()
