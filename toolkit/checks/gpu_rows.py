"""Does a card wait to put damaged memory out of use?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD
from toolkit.diagnosis.accounts import there
from toolkit.diagnosis.scene import scene_of
from toolkit.findings import Finding, Status
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_PENDING = re.compile(r"^\s*(?:Pending|Remapping Pending)\s*: *Yes", re.MULTILINE)
_FAILED = re.compile(r"^\s*Remapping Failure(?: Occurred)?\s*: *Yes", re.MULTILINE)
_RESET = "drain the server, reset the card (`nvidia-smi --gpu-reset`) or restart the host"


@check(
    "gpu.rows",
    "No card waits to put damaged memory out of use",
    needs={Need.CARD_STATES},
    wants=EVIDENCE | TOLD,
    suites={Suite.DIAGNOSE},
)
def gpu_rows(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn of rows of a card's memory that are to be put out of use, and fail where there is no spare left.

    A card with such memory replaces damaged rows at its next reset; until then errors may come back. Pending:
    drain and reset. A failed replacement (Xid 64): replace the card. Xid 63 alone is no reason to replace it.
    """
    for card in there(seen.card_states):
        if card.remap_failed:
            yield _failed(f"card {card.index}")
        elif card.remap_pending:
            yield _pending(f"card {card.index}")
    for account in scene_of(plan, seen).accounts:
        if "Remapped Rows" in account.text or "remapped" in account.text.lower():
            if _FAILED.search(account.text):
                yield _failed(account.subject)
            elif _PENDING.search(account.text):
                yield _pending(account.subject)


def _pending(subject: str) -> Finding:
    return Finding(
        subject,
        Status.WARN,
        "damaged rows of its memory wait to be put out of use (remap pending)",
        cause="errors that the memory could not correct; the spare rows take over at the next reset",
        remedy=_RESET,
        rejected=("a card to be replaced: only a failed remapping (Xid 64) means that",),
    )


def _failed(subject: str) -> Finding:
    return Finding(
        subject,
        Status.FAIL,
        "a damaged row could not be put out of use (remap failure)",
        cause="no spare row is left in that part of the memory",
        remedy=f"{_RESET}, then replace the card (RMA)",
    )
