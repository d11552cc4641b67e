"""Does the Hub have the models that have to be fetched?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.planning.outside import hub_models
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import HubFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_AWAY = "check network and proxy; without the Hub: `source: dir:PATH` of the model, or `model: tiny`"
_ADAPTER_AWAY = (
    "check network and proxy; without the Hub: `source: dir:PATH` of the adapter in `lora_modules`"
)


@check(
    "hub.reach",
    "The Hub has the models that have to be fetched",
    needs={Need.HUB},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def hub_reach(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a model is in no cache and the Hub does not answer, or knows no such repository or revision.

    Where the cache could not be looked into it only warns: the model may be there.
    """
    adapters = {model.repository for model in hub_models(plan) if model.adapter}
    return (_finding(model, model.repository in adapters) for model in known(seen.hub))


def _finding(model: HubFact, adapter: bool) -> Finding:
    worst = Status.FAIL if model.cache_known else Status.WARN
    if model.refusal:
        return Finding(
            model.repository,
            worst,
            "the Hub cannot be reached",
            cause=model.refusal,
            remedy=_ADAPTER_AWAY if adapter else _AWAY,
        )
    if model.code == "EntryNotFound":
        # Some models are described in another way: their server knows.
        what = f"the Hub has it, without {'adapter_config.json' if adapter else 'config.json'}"
        remedy = f"see at https://huggingface.co/{model.repository} that it is what vLLM can load"
        return Finding(model.repository, Status.WARN, what, cause=_answer(model), remedy=remedy)
    if model.status == 404:
        what = "no such revision" if model.code == "RevisionNotFound" else "no such repository"
        named = "`source:` of the adapter" if adapter else "`source:` and `revision:` of the model"
        remedy = f"correct {named} in toolkit.yaml"
        return Finding(model.repository, worst, f"the Hub has {what}", cause=_answer(model), remedy=remedy)
    if model.status >= 429 and model.status != 451:
        remedy = "wait, and run it again: https://status.huggingface.co tells of outages"
        return Finding(
            model.repository, Status.WARN, "the Hub is in trouble", cause=_answer(model), remedy=remedy
        )
    return Finding(model.repository, Status.PASS, "the Hub answers")


def _answer(model: HubFact) -> str:
    return f"status {model.status}" + (f", {model.code}" if model.code else "")
