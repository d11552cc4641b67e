"""What `migrate` and `up` say of indexes: what was made, what was there, and what is in the way of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.values import as_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.planning.plan import Plan
    from toolkit.routines.migrate import IndexResult

_WORDS = {
    "present": "there already",
    "absent": "not yet",
    "waiting": "not yet",
    "building": "in work",
    "unsuitable": "impossible",
    "differs": "another kind",
    "failed": "refused",
}
# What is as it should be, or will be by itself, is not worth a line of `up`.
_QUIET = frozenset({"present", "absent", "building"})


def indexes_json(plan: Plan, results: Sequence[IndexResult]) -> dict[str, Any]:
    """Return the results for machines."""
    return {
        "environment": plan.environment,
        "project": plan.project,
        "indexes": [as_plain(result) for result in results],
    }


def indexes_text(plan: Plan, results: Sequence[IndexResult]) -> str:
    """Return one line for each index, for people."""
    made = sum(result.state == "created" for result in results)
    return "\n".join([f"{plan.project}: {made} of {len(results)} indexes created", *map(index_line, results)])


def remarkable(results: Sequence[IndexResult]) -> list[str]:
    """Return the lines that `up` shows."""
    return [index_line(result) for result in results if result.state not in _QUIET]


def index_line(result: IndexResult) -> str:
    """Return a line for one index: whose it is, how it stands, and why."""
    state = _WORDS.get(result.state, result.state)
    detail = " ".join(result.detail.split())
    return f"  {result.service:10} {result.subject}: {state} ({detail})"
