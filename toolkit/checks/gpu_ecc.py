"""Has a card lost data?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import services_on
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "gpu.ecc",
    "No card has met errors that it could not correct",
    needs={Need.CARD_STATES},
    suites={Suite.DIAGNOSE},
    explains=("vllm.*", "container.*"),
)
def gpu_ecc(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a card has counted memory errors since the driver was loaded that it could not correct.

    Cards without such memory do not tell, and are left out.
    """
    for card in known(seen.card_states):
        if card.ecc_uncorrected is None:
            continue
        bad = card.ecc_uncorrected > 0
        yield Finding(
            subject=f"card {card.index}",
            status=Status.FAIL if bad else Status.PASS,
            observed=f"{card.ecc_uncorrected} errors that it could not correct",
            expected="none" if bad else "",
            cause="its memory is damaged; answers computed since may be wrong" if bad else "",
            remedy=f"stop what uses it, then `nvidia-smi --gpu-reset -i {card.index}`; if they come again, replace it"
            if bad
            else "",
            concerns=services_on(plan, card),
        )
