"""What was written about one service, from all that wrote about it, in one order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from toolkit.diagnosis.lines import Line, Source, clean
from toolkit.facts import Unavailable

if TYPE_CHECKING:
    import re

    from toolkit.snapshot import Snapshot

KERNEL = "kernel"
"""The subject of kernel lines that name no container."""
_MOST_MATCHES = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Account:
    """The lines about one subject: first what the engine refused, then its output, then health check and answers."""

    subject: str
    lines: tuple[Line, ...]

    @cached_property
    def text(self) -> str:
        """All lines, joined."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(line.text) + 1 for line in self.lines[:-1]), initial=0))

    def find(self, pattern: re.Pattern[str]) -> tuple[Line, dict[str, str]] | None:
        """Return the line of the first match in the innermost process that has one, and what its groups hold.

        A group that found nothing there is filled from the matches after it: one error is often told in several lines.
        """
        found = sorted(self._matches(pattern), key=lambda one: (-one[0].depth, one[0].number))
        if not found:
            return None
        words = {name: next((m[name] for _, m in found if m[name]), "") for name in pattern.groupindex}
        return found[0][0], words

    def _matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[Line, re.Match[str]]]:
        for count, match in enumerate(pattern.finditer(self.text)):
            if count == _MOST_MATCHES:
                return
            yield self.lines[bisect_right(self._starts, match.start()) - 1], match


def accounts(seen: Snapshot) -> tuple[Account, ...]:
    """Return one account for each subject that anything was written about, in the order of containers and logs."""
    told: dict[str, list[Line]] = {}
    for subject, texts, source in _told(seen):
        lines = told.setdefault(subject, [])
        lines.extend(clean(texts, source, len(lines)))
    return tuple(Account(subject, tuple(lines)) for subject, lines in told.items() if lines)


def _told(seen: Snapshot) -> Iterator[tuple[str, Iterable[str], Source]]:
    containers = there(seen.containers)
    logs = there(seen.logs)
    yield from ((one.service, (one.error,), Source.ENGINE) for one in containers if one.error)
    yield from ((one.service, one.lines, Source.LOG) for one in logs)
    yield from ((one.service, one.health, Source.HEALTH) for one in logs if one.health)
    yield from ((one.service, one.health_output, Source.HEALTH) for one in containers if one.health_output)
    services = {one.container_id: one.service for one in containers}
    for line in there(seen.kernel):
        yield services.get(line.container_id, KERNEL), (line.text,), Source.KERNEL
    for trial in there(seen.trials):
        if trial.refusal:
            yield trial.subject, (trial.refusal, trial.answer), Source.ANSWER
    for one in there(seen.endpoints):
        if not one.answers:
            yield one.service, (one.refusal, one.answer), Source.ANSWER


def there(part: tuple[T, ...] | Unavailable | None) -> tuple[T, ...]:
    """Return a part that was seen, nothing where it was not."""
    return () if part is None or isinstance(part, Unavailable) else part
