"""Which finding is the cause of which: roots first, and below each what it explains; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from toolkit.findings import Confidence, Finding, Status
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

Explains = Mapping[str, Sequence[str]]
"""By the id of a check the ids, or patterns of ids, of the checks whose findings its own explain.

After `=` those about the same service only: what another one lacks does not change how this one is defined.
"""
SAME = "="

_WORST_FIRST = tuple(reversed(Status))
_SURE_FIRST = tuple(Confidence)
_CAUSES = frozenset({Status.FAIL, Status.WARN})
_EFFECTS = frozenset({Status.FAIL, Status.WARN, Status.ERROR})


def linked(findings: Sequence[Finding], explains: Explains, plan: Plan) -> tuple[Finding, ...]:
    """Return all findings, each with the one that it stands `under`, worst first and effects behind their cause.

    A check that names it by hand is believed. Of several causes the nearest counts: one that is itself explained by
    the others. Among roots that are as bad as each other, first the surer, then the one that explains more.
    """
    uses = _uses(plan)
    causes = [_causes(effect, findings, explains, uses) for effect in findings]
    parents: dict[int, int] = {}
    for effect in range(len(findings)):
        chosen = _by_hand(findings, effect) or _nearest(causes, effect)
        for cause in chosen:
            if not _is_below(cause, effect, parents):
                parents[effect] = cause
                break
    return _in_order(findings, parents)


def _by_hand(findings: Sequence[Finding], effect: int) -> list[int]:
    under = findings[effect].under
    return [i for i, one in enumerate(findings) if under and one.key == under and i != effect][:1]


def _causes(
    effect: Finding, findings: Sequence[Finding], explains: Explains, uses: Mapping[str, frozenset[str]]
) -> list[int]:
    if effect.status not in _EFFECTS:
        return []
    return [
        i
        for i, cause in enumerate(findings)
        if cause is not effect
        and cause.status in _CAUSES
        and _matches(cause, effect, explains)
        and _touches(cause, effect, uses)
    ]


def _matches(cause: Finding, effect: Finding, explains: Explains) -> bool:
    patterns = explains.get(cause.check, ())
    if effect.status is Status.ERROR:
        # What does not run tells nothing, whoever asks it.
        return bool(patterns) and cause.subject == effect.subject
    alike = effect.subject in {cause.subject, *cause.concerns}
    return any(
        fnmatchcase(effect.check, pattern.removeprefix(SAME)) and (alike or not pattern.startswith(SAME))
        for pattern in patterns
    )


def _touches(cause: Finding, effect: Finding, uses: Mapping[str, frozenset[str]]) -> bool:
    """Return whether they are about the same service, the cause about one that the effect's uses, or about all."""
    from_, to = _services(cause, uses), _services(effect, uses)
    if cause.subject == effect.subject or not from_:
        return True
    used = {other for one in to for other in uses.get(one, ())}
    return not from_.isdisjoint(to | used) or not to


def _services(finding: Finding, uses: Mapping[str, frozenset[str]]) -> set[str]:
    named = {finding.subject} & uses.keys()
    return {*finding.concerns, *named}


def _uses(plan: Plan) -> dict[str, frozenset[str]]:
    """Return for each service those without which it cannot serve: the edge needs the models, applications the rest."""
    names = frozenset(service.name for service in plan.services)
    models = frozenset(name for model in plan.models for name in model.services) & names
    found = dict.fromkeys(names, frozenset[str]())
    for service in plan.services:
        if service.name == "edge":
            found["edge"] = models | ({"response-cache"} & names)
        elif service.name == "prometheus":
            found["prometheus"] = names - {"prometheus"}
        elif service.fragment.startswith("application"):
            found[service.name] = names - {service.name, "prometheus"}
    return found


def _nearest(causes: Sequence[Sequence[int]], effect: int) -> list[int]:
    """Return the candidates, first the one that most of the others explain."""
    candidates = causes[effect]
    return sorted(candidates, key=lambda one: -sum(other in causes[one] for other in candidates))


def _is_below(one: int, other: int, parents: Mapping[int, int]) -> bool:
    """Return whether `one` stands below `other`, so that it cannot be its cause."""
    at: int | None = one
    while at is not None:
        if at == other:
            return True
        at = parents.get(at)
    return False


def _in_order(findings: Sequence[Finding], parents: Mapping[int, int]) -> tuple[Finding, ...]:
    below: dict[int, list[int]] = {}
    for effect, cause in parents.items():
        below.setdefault(cause, []).append(effect)

    def tree(top: int) -> list[int]:
        lower = sorted(below.get(top, ()), key=lambda i: (_WORST_FIRST.index(findings[i].status), i))
        return [top, *(i for one in lower for i in tree(one))]

    def rank(top: int) -> tuple[int, int, int, int]:
        members = tree(top)
        worst = min(_WORST_FIRST.index(findings[i].status) for i in members)
        return worst, _SURE_FIRST.index(findings[top].confidence), -len(members), top

    roots = sorted((i for i in range(len(findings)) if i not in parents), key=rank)
    return tuple(
        replace(findings[i], under=findings[parents[i]].key if i in parents else "")
        for root in roots
        for i in tree(root)
    )
