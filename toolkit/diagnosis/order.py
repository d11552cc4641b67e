"""Of several findings about one subject the first error of its innermost process is the root of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit.diagnosis.lines import Line, Source
from toolkit.diagnosis.scene import scene_of
from toolkit.findings import Confidence, Finding, Status
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

# What shows that something is wrong, and never why.
_SYMPTOMS = frozenset(
    {"container.down", "container.crash-loop", "container.killed", "endpoint.answers", "endpoint.slow"}
)
# What any program may say: a rule of the program itself that reads the same line knows more.
_GENERAL = frozenset({"container.permission", "container.allocation"})
# Where the kernel or the engine says so, what the service itself wrote is later, or follows.
_OUTSIDE = frozenset({Source.KERNEL, Source.ENGINE})


def placed(findings: Sequence[Finding], plan: Plan, seen: Snapshot) -> tuple[Finding, ...]:
    """Return the findings in their order, each that another one of its subject explains `under` that.

    Roots are those that fail, that are likely at least, and whose line came first in the innermost process. What could
    not be found in anything that was written keeps its place.
    """
    lines = {
        account.subject: {line.text.strip(): line for line in reversed(account.lines)}
        for account in scene_of(plan, seen).accounts
    }
    roots: dict[str, Finding] = {}
    for one in sorted(findings, key=lambda finding: _rank(finding, lines)):
        if one.status in {Status.FAIL, Status.WARN}:
            roots.setdefault(one.subject, one)
    return tuple(_under(one, roots.get(one.subject), lines) for one in findings)


def _line(finding: Finding, lines: Mapping[str, Mapping[str, Line]]) -> Line | None:
    written = lines.get(finding.subject, {})
    return next((written[text] for text in finding.evidence if text in written), None)


def _rank(
    finding: Finding, lines: Mapping[str, Mapping[str, Line]]
) -> tuple[bool, bool, bool, bool, int, int, bool]:
    line = _line(finding, lines)
    outside = line is None or line.source in _OUTSIDE
    return (
        finding.check in _SYMPTOMS,
        finding.status is not Status.FAIL,
        finding.confidence is Confidence.POSSIBLE,
        not outside,
        -line.depth if line else 0,
        line.number if line else 0,
        finding.check in _GENERAL,
    )


def _under(one: Finding, root: Finding | None, lines: Mapping[str, Mapping[str, Line]]) -> Finding:
    if root is None or root is one or one.under or one.status not in {Status.FAIL, Status.WARN}:
        return one
    line = _line(root, lines)
    read = line is not None and _line(one, lines) is not None
    follows = one.check in _SYMPTOMS or (read and one.status is Status.FAIL)
    # A warning explains the answer that it was read from, and a symptom that leads with its own line; nothing that
    # failed besides.
    explains = (
        root.status is Status.FAIL
        or (line is not None and line.source is Source.ANSWER)
        or (
            one.check in _SYMPTOMS
            and line is not None
            and [text.strip() for text in one.evidence] == [line.text.strip()]
        )
    )
    return replace(one, under=root.key) if follows and explains else one
