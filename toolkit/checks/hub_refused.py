"""Does the Hub let the server in?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_REFUSED = (
    r"[Cc]annot access gated repo|gated repo|Access to model (?P<model>\S+) is restricted"
    r"|You must (?:be authenticated|have access)"
    r"|GatedRepoError|401 Client Error|(?<!HTTP/1\.[01]\" )401 Unauthorized|403 (?:Client Error|Forbidden)"
    r"|Client error '40[13]"
    r"|not in the authorized list"
    r"|Invalid (?:username or password|user token|credentials)|Your request to access .* (?:is awaiting"
    r"|has been rejected)|Please (?:log ?in|enable access)|Illegal header value b?['\"]?Bearer"
    r"|but no token found|token seems invalid"
)


_INVALID = (
    r"Invalid (?:username or password|user token|credentials)|token.*(?:invalid|expired)|Illegal header value"
)


def _no_token(hit: Hit, scene: Scene) -> Iterator[Signal]:
    for one in scene.hub:
        if one.token:
            yield against(f"the servers have a token ({one.token})")
        elif one.shell_token:
            yield speaks_for("this shell has a token, the servers do not get it", 2)
    if scene.told(hit.subject, _INVALID):
        yield against("the Hub calls a token invalid, so there is one")
    if scene.told(hit.subject, r"must be authenticated|Please log ?in|401"):
        yield speaks_for("the Hub answers as to somebody whom it does not know (401, not 403)")


def _bad_token(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, _INVALID):
        yield speaks_for("the Hub calls the token itself invalid", 3)
    for one in scene.hub:
        if one.status == 401 and one.token:
            yield speaks_for(f"the servers' token ({one.token}) is refused with 401", 2)


def _not_let_in(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(
        hit.subject, r"\b403\b|not in the authorized list|awaiting a review|has been rejected|[Ff]orbidden"
    ):
        yield speaks_for("the Hub knows the token, and refuses (403)", 3)


# Data stores and fronts ask no Hub: what they write of names, TLS or a 401 is of their own.
_ASKS = r"^(?!edge|response-cache|prometheus|elastic|redis|mariadb|vector)"

RULES = (
    Rule(
        "no token in the container",
        says=_REFUSED,
        cause="the server has no token: access that was granted on the website, or a login on the host, does not "
        "reach into the container (HF_TOKEN unset there)",
        remedy="put the token where the servers read it: `hf auth login` with HF_HOME set to the directory of "
        "model_cache.source, and accept the model's terms with the same account",
        weight=2,
        services=_ASKS,
        facts=_no_token,
        rejects=("access was not granted: that is a 403, for a token that the Hub knows",),
    ),
    Rule(
        "invalid token",
        says=_REFUSED,
        cause="the token is not valid: expired, deleted, or copied with a blank or quotes",
        remedy="make a new token at https://huggingface.co/settings/tokens and log in again with it",
        weight=0,
        services=_ASKS,
        facts=_bad_token,
    ),
    Rule(
        "terms not accepted",
        says=_REFUSED,
        cause="the token's owner is not let in: the licence of the gated model was not accepted, or its review is "
        "open; or a fine-grained token lacks the right to read gated repositories",
        remedy="accept the terms on the model's page as the token's owner, and give a fine-grained token "
        "read access to gated repositories",
        weight=1,
        services=_ASKS,
        facts=_not_let_in,
    ),
)


@check("hub.refused", "The Hub lets the servers in", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def hub_refused(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Tell the three refusals of the Hub apart: no token, a bad one, or one that was not let in.

    401 without a token: there is none in the container, whatever the host or the website say. 401 with one: it is
    not valid. 403: the Hub knows it, and its owner has not accepted the terms, or the token may not read gated
    repositories. The check hub.token asks the Hub itself and is surer than the log.
    """
    return read(RULES, plan, seen)
