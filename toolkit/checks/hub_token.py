"""May the servers fetch their models?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import HubFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_LOGIN = (
    "`hf auth login` with HF_HOME set to the directory that `model_cache.source` names puts it where "
    "they read it"
)


@check(
    "hub.token",
    "The servers may fetch their models",
    needs={Need.HUB},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def hub_token(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a model is in no cache and the Hub does not give it to the servers' token.

    401 without a token: there is none. 401 with one: nobody knows it. 403: its owner has not been let in.
    """
    del plan
    return (_finding(model) for model in known(seen.hub) if not model.refusal)


def _finding(model: HubFact) -> Finding:
    worst = Status.FAIL if model.cache_known else Status.WARN
    name, page = model.repository, f"https://huggingface.co/{model.repository}"
    cause = f"status {model.status}" + (f", {model.code}" if model.code else "")
    if model.status == 403:
        observed = f"the token ({model.token}) is not let in" if model.token else "the Hub refuses it"
        remedy = f"accept its terms at {page} as the token's owner; a fine-grained one needs read access to gated ones"
        return Finding(name, worst, observed, "access", cause, remedy)
    if model.status == 401 and model.token:
        remedy = f"make a new one at https://huggingface.co/settings/tokens; {_LOGIN}"
        return Finding(name, worst, f"the token ({model.token}) is not valid", "access", cause, remedy)
    if model.status == 401:
        observed = (
            "gated, and the servers have no token" if model.code == "GatedRepo" else "unknown, or private"
        )
        cause += "; this shell has one (HF_TOKEN), but the servers do not get it" if model.shell_token else ""
        remedy = f"accept its terms at {page}, make a token; {_LOGIN}"
        if model.code != "GatedRepo":
            remedy = (
                f"correct `source:` of the model in toolkit.yaml; if it is private, make a token: {_LOGIN}"
            )
        return Finding(name, worst, observed, "access", cause, remedy)
    return Finding(name, Status.PASS, "the servers may fetch it")
