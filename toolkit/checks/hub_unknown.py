"""Does the Hub know the model?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _is_path(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del scene
    named = hit.words.get("id", "") or hit.words.get("local", "")
    if named.startswith(("/", ".", "~")) or named.count("/") > 1:
        yield speaks_for(f"{named} is a path, and no name of a repository", 3)
    elif named:
        yield against(f"{named} is no path")


# Data stores and fronts ask no Hub: what they write of names, TLS or a 401 is of their own.
_ASKS = r"^(?!edge|response-cache|prometheus|elastic|redis|mariadb|vector)"

RULES = (
    Rule(
        "path that is not in the container",
        says=r"Repo id must be in the form 'repo_name' or 'namespace/repo_name': '(?P<id>[^']*)'"
        r"|Repo id must use alphanumeric chars.*?'(?P<id2>[^']*)'"
        r"|HFValidationError|Incorrect path_or_model_id: '(?P<local>[^']*)'",
        cause="the model's path does not exist inside the container, so that it is taken for the name of a "
        "repository",
        remedy="mount the directory and name it as the container sees it, down to the one that holds config.json "
        "(of a cache: snapshots/REVISION); `source: dir:PATH` of the model does both",
        weight=2,
        facts=_is_path,
        rejects=("Hub or network: nothing was asked of them, the name was refused before",),
    ),
    Rule(
        "no such repository, revision or file",
        says=r"(?P<local>\S+) is not a local folder and is not a valid model identifier"
        r"|RepositoryNotFoundError|Repository Not Found for url: (?P<url>\S+)"
        r"|RevisionNotFoundError|Revision Not Found|EntryNotFoundError.*404|404 Client Error.*huggingface"
        r"|Client error '404.*huggingface|is not a valid git identifier",
        cause="the Hub has no such repository or revision: the name is wrong, or it is private and the "
        "server has no token",
        remedy="correct `source:` and `revision:` of the model in toolkit.yaml; for a private one give the "
        "servers a token",
        weight=3,
        services=_ASKS,
        rejects=("the network: the Hub did answer",),
    ),
)


@check(
    "hub.unknown", "The Hub knows what is asked of it", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE}
)
def hub_unknown(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Tell a path that is missing in the container from a repository that the Hub does not have.

    A path that does not exist is taken for the name of a repository: `Repo id must be in the form …` is then no
    matter of the Hub at all. Mount the directory, and name it as the container sees it. 404 means a wrong name or
    revision, or a private repository without a token.
    """
    return read(RULES, plan, seen)
