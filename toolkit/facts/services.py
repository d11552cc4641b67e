"""What services tell of themselves: answers, figures, alerts; and how they differ from what is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.values import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class EndpointFact(Value):
    """A path of a service, asked once: HTTP's status (0 without an answer, when `refusal` says why) and the seconds."""

    service: str
    path: str
    status: int
    elapsed_s: float
    answer: str = ""
    refusal: str = ""

    @property
    def answers(self) -> bool:
        """Whether it gave the answer that was to be had."""
        return 200 <= self.status < 400


class FiguresFact(Value):
    """The figures that a service keeps of itself, under the names that it gives them; see the need for their units.

    `numbers` are those that are numbers, `texts` the others. What is missing, this version of the server has not.
    """

    service: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def share(self, part: str, *others: str) -> float | None:
        """Return `part` of its sum with `others`, such as hits of hits and misses; None where nothing was counted."""
        values = [self.numbers.get(name) for name in (part, *others)]
        total = sum(value for value in values if value is not None)
        return None if None in values or not total else (values[0] or 0.0) / total


class AlertFact(Value):
    """An alert of Prometheus; `state` is pending or firing, `since` RFC 3339, `summary` what its rule says of it."""

    name: str
    state: str
    service: str = ""
    severity: str = ""
    since: str = ""
    summary: str = ""


class ReleaseFact(Value):
    """A service that differs from what the profile renders: what `up` would do to it (create, recreate …), why."""

    service: str
    kind: str
    cause: str
    changes: tuple[str, ...] = ()
