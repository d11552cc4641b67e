"""Shares of counted things against a limit: what several checks of figures have in common; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.findings import Confidence, Finding, Status
from toolkit.snapshot import known
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.facts import FiguresFact, Unavailable


def enough(
    subject: str, what: str, part: float, total: float, *, least: float, limit: float, above: bool = True
) -> Finding:
    """Return how the share `part` of `total` stands to `limit`, above or below which it has to lie.

    WARN where it does not. Below `least` of them nobody can tell, and that is SKIP: a server that has just started has
    no rate of anything.
    """
    if total < least:
        return Finding(
            subject, Status.SKIP, f"too few to tell: {what} of {total:,.0f}", f"of {least:,.0f} at least"
        )
    share = part / total
    good = share >= limit if above else share <= limit
    observed = f"{what}: {percent(share)} of {total:,.0f}"
    expected = f"{percent(limit)} at {'least' if above else 'most'}"
    return Finding(
        subject, Status.PASS if good else Status.WARN, observed, expected, confidence=Confidence.LIKELY
    )


def seldom(subject: str, what: str, part: float, total: float) -> Finding:
    """Return whether something happens to 1 of 100 at most, of 100 at least; ten in all are always few.

    A restart, or a smoke-test that takes a server aside, is no habit of the edge.
    """
    found = enough(subject, what, part, total, least=100, limit=0.01, above=False)
    return replace(found, status=Status.PASS) if found.status is Status.WARN and part <= 10 else found


def explained(
    finding: Finding, cause: str, remedy: str, evidence: tuple[str, ...] = (), **more: object
) -> Finding:
    """Return `finding` with cause, next step and evidence where it is bad, as it is otherwise."""
    if finding.status in {Status.PASS, Status.SKIP}:
        return replace(finding, confidence=Confidence.CERTAIN)
    return replace(finding, cause=cause, remedy=remedy, evidence=evidence, **more)  # type: ignore[arg-type]


def told(figures: FiguresFact, *names: str) -> tuple[str, ...]:
    """Return the named figures as lines of evidence; what the server does not tell is left out."""
    numbers = ((name, figures.numbers.get(name)) for name in names)
    return tuple(f"{name} {value:,.6g}" for name, value in numbers if value is not None)


def percent(share: float) -> str:
    """Return a share in percent, with a digit behind the point where it is small or nearly all."""
    return f"{share:.1%}" if share < 0.1 or share > 0.9 else f"{share:.0%}"


def silent(
    facts: tuple[FiguresFact, ...] | Unavailable | None, what: str, *names: str
) -> Iterator[tuple[FiguresFact, Finding | None]]:
    """Yield each service's figures, with SKIP where it does not tell all of `names`, else None.

    Raises LookupError where nobody looked.
    """
    for one in known(facts):
        missing = [name for name in names if name not in one.numbers]
        skip = Finding(one.service, Status.SKIP, f"{what}: not told by this server", cause=", ".join(missing))
        yield one, skip if missing else None
