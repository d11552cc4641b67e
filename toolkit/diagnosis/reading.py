"""Asks all rules of one question of all accounts, and makes a finding of what weighs most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.diagnosis.rule import Hit, Rule, Signal
from toolkit.diagnosis.scene import Scene, scene_of
from toolkit.findings import Confidence, Finding, Status
from toolkit.planning.removed_options import REMOVED

if TYPE_CHECKING:
    from toolkit.diagnosis.accounts import Account
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_CERTAIN = 3
_LIKELY = 2
_LONGEST = 240
# Shorter options are words of every log.
_SHORT = 6


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A rule that knows a line, with the facts for and against it."""

    rule: Rule
    hit: Hit
    signals: tuple[Signal, ...]

    @property
    def score(self) -> int:
        """What the text is worth, and every fact."""
        return self.rule.weight + sum(signal.weight for signal in self.signals)

    @property
    def confidence(self) -> Confidence:
        """How sure that makes it."""
        if self.score >= _CERTAIN:
            return Confidence.CERTAIN
        return Confidence.LIKELY if self.score >= _LIKELY else Confidence.POSSIBLE


def read(rules: Iterable[Rule], plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Yield for each subject the cause that weighs most, with those that were weighed and rejected."""
    scene = scene_of(plan, seen)
    known = tuple(rules)
    for account in scene.accounts:
        weighed = sorted(_hypotheses(known, account, scene), key=_weight)
        if weighed and weighed[0].score > 0:
            yield _finding(weighed[0], weighed[1:], scene)


def _weight(one: Hypothesis) -> tuple[int, int, int]:
    return -one.score, -one.hit.line.depth, one.hit.line.number


def _hypotheses(rules: Iterable[Rule], account: Account, scene: Scene) -> Iterator[Hypothesis]:
    serves = scene.serves(account.subject)
    for rule in rules:
        if not rule.may_be_about(account.subject) or (serves and not _still_matters(rule, account, scene)):
            continue
        if found := account.find(rule.pattern):
            hit = Hit(account.subject, *found)
            yield Hypothesis(rule, hit, tuple(rule.facts(hit, scene)))


def _still_matters(rule: Rule, account: Account, scene: Scene) -> bool:
    """Why it did not start is of no interest once it serves, unless it ended and came back."""
    container = scene.container(account.subject)
    return rule.lasting or bool(container and container.restart_count)


def _finding(first: Hypothesis, others: Iterable[Hypothesis], scene: Scene) -> Finding:
    rule, hit = first.rule, first.hit
    words = _Words(hit.words, section=scene.section(hit.subject), subject=hit.subject)
    past = scene.serves(hit.subject) and not rule.lasting
    container = scene.container(hit.subject)
    # A warning about a start is the reason of the end where it did end.
    ended = container is not None and container.state != "running" and not rule.lasting
    return Finding(
        subject=hit.subject,
        status=Status.WARN if past else Status.FAIL if ended else rule.status,
        observed=shortened(hit.line.text) + (" (it serves again)" if past else ""),
        expected=rule.expected.format_map(words),
        cause=_said(rule.cause, words),
        remedy="\n".join((_said(rule.remedy, words), *_gone(hit, scene))),
        evidence=(hit.line.text.strip(), *(s.text for s in first.signals if s.weight > 0)),
        confidence=first.confidence,
        changes=tuple(rule.changes(hit, scene)),
        rejected=(*(text.format_map(words) for text in rule.rejects), *_rejected(first, others)),
    )


def _rejected(first: Hypothesis, others: Iterable[Hypothesis]) -> Iterator[str]:
    """Name the other causes of the same line, and what speaks against each."""
    told = {first.rule.name}
    for one in others:
        if one.rule.name in told:
            continue
        told.add(one.rule.name)
        why = "; ".join(signal.text for signal in one.signals if signal.weight < 0)
        yield f"{one.rule.name}: {why or f'less speaks for it than for: {first.rule.name}'}"


def _gone(hit: Hit, scene: Scene) -> Iterator[str]:
    """Yield what is written in the place of each option of the line that the pinned server no longer has."""
    service = scene.service(hit.subject)
    words = set(re.findall(r"[\w.-]+", hit.line.text))
    for one in REMOVED:
        if (
            one.option in words
            and service is not None
            and one.program == service.pin
            and len(one.option) > _SHORT
        ):
            yield one.text


def _said(text: str, words: Mapping[str, str]) -> str:
    """Fill in what was found; what was not leaves no gap."""
    return re.sub(r" \(\)| +(?=[ ;,]|:(?: |$))", "", text.format_map(words))


class _Words(dict[str, str]):
    """The groups of a match; what it did not find is an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def shortened(text: str) -> str:
    """Return a line of at most 240 characters, its end cut off."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
