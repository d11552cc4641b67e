"""What a check says of a subject: how it stands, why, how sure that is, and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How something stands; ERROR means: could not look, which is neither good nor bad."""

    PASS = "pass"  # noqa: S105 - a status, no password
    SKIP = "skip"
    WARN = "warn"
    ERROR = "error"
    FAIL = "fail"


class Confidence(StrEnum):
    """How sure a cause is: one signal may be a coincidence, two that agree are not."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Change:
    """A remedy as one value of the profile: its key, such as `services.redis.memory`, and what shall stand there."""

    key: str
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of one subject (a service, a card, a directory), and what to do about it.

    `observed` and `expected` are short and comparable; `cause` says why where that is known; `remedy` is the next step
    as a command or a line of toolkit.yaml; `evidence` are the very lines or values that were seen. `changes` are the
    remedy for a program: `diagnose --fix` applies them. `concerns` are the services that it touches, where the
    subject is none; a machine's own finding without any touches all of them. `rejected` are the causes that were
    weighed, each with what speaks against it. `under` is the `key` of the finding that is the cause of this one, ""
    for a root.
    """

    subject: str
    status: Status
    observed: str
    expected: str = ""
    cause: str = ""
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    check: str = ""
    confidence: Confidence = Confidence.CERTAIN
    changes: tuple[Change, ...] = ()
    rejected: tuple[str, ...] = ()
    under: str = ""
    concerns: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names it in its report: check and subject."""
        return f"{self.check}/{self.subject}"
