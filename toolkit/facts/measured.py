"""What was tried as a user would, and what was watched over time."""

from __future__ import annotations

from toolkit.values import Value


class TrialFact(Value):
    """Something that was tried as a user would, and undone: what was asked, how it ended and how long it took.

    `status` is HTTP's, 0 where it is none of HTTP; `answer` is short; `refusal` is "" where it went as it should.
    """

    name: str
    subject: str
    elapsed_s: float
    status: int = 0
    answer: str = ""
    refusal: str = ""


class Series(Value):
    """One figure looked at again and again: seconds since the beginning, and the value; None where it was not seen."""

    name: str
    subject: str
    unit: str
    points: tuple[tuple[float, float | None], ...]
