"""Each model answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Suite, check
from toolkit.planning import trials
from toolkit.snapshot import Need, Snapshot
from toolkit.trial_findings import trial_findings

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

_NAMES = (
    trials.CHAT,
    trials.STREAM,
    trials.SCHEMA,
    trials.TOOLS,
)


@check("api.chat", "Each model answers", needs={Need.TRIALS}, suites={Suite.SMOKE})
def api_chat(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a model gives no answer of its own server: in one piece, streamed, of a JSON schema, by a tool.

    A short answer may take `targets.loaded_model`, the first token of a stream `targets.first_token`, a form
    `targets.mean_answer`. A form that its server has not (status 400) is skipped.
    """
    return trial_findings(plan, seen, _NAMES, "toolkit logs edge {subject}; toolkit diagnose")
