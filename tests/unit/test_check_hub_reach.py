"""hub.reach: the Hub away, the repository away, or only in trouble."""

from __future__ import annotations

import pytest

from tests.support.findings import ask, model
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.hub_reach import hub_reach
from toolkit.facts import HubFact


@pytest.mark.parametrize(
    ("fact", "status", "observed", "cause"),
    [
        (model(), Status.PASS, "the Hub answers", ""),
        (model(401, "GatedRepo"), Status.PASS, "the Hub answers", ""),
        (
            model(0, refusal="it does not answer"),
            Status.FAIL,
            "the Hub cannot be reached",
            "it does not answer",
        ),
        (model(0, refusal="down", cache_known=False), Status.WARN, "the Hub cannot be reached", "down"),
        (
            model(404, "RepoNotFound"),
            Status.FAIL,
            "the Hub has no such repository",
            "status 404, RepoNotFound",
        ),
        (
            model(404, "RevisionNotFound"),
            Status.FAIL,
            "the Hub has no such revision",
            "status 404, RevisionNotFound",
        ),
        (
            model(404, "EntryNotFound"),
            Status.WARN,
            "the Hub has it, without config.json",
            "status 404, EntryNotFound",
        ),
        (model(503), Status.WARN, "the Hub is in trouble", "status 503"),
        (model(429), Status.WARN, "the Hub is in trouble", "status 429"),
    ],
)
def test_each_answer_is_told_apart(fact: HubFact, status: Status, observed: str, cause: str) -> None:
    (found,) = ask(hub_reach, hub=(fact,))
    assert (found.subject, found.status, found.observed, found.cause) == ("meta/big", status, observed, cause)
    assert bool(found.remedy) == (status is not Status.PASS)


@pytest.mark.parametrize(
    ("fact", "remedy"),
    [
        (model(0, refusal="down"), "without the Hub: `source: dir:PATH` of the adapter in `lora_modules`"),
        (model(404, "RepoNotFound"), "correct `source:` of the adapter in toolkit.yaml"),
        (model(404, "EntryNotFound"), "see at https://huggingface.co/meta/big that it is what vLLM can load"),
    ],
)
def test_an_adapter_is_told_by_its_own_setting(fact: HubFact, remedy: str) -> None:
    adapted = plan('services.llm_fast.lora_modules=[{name: legal, source: "hf:meta/big"}]')
    (found,) = ask(hub_reach, adapted, hub=(fact,))
    assert remedy in found.remedy
