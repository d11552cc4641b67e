"""Did the driver report faults of a card?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Scene
from toolkit.diagnosis.scene import scene_of
from toolkit.diagnosis.xid import Fault, by_card, faults
from toolkit.findings import Confidence, Finding, Status
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_SHOWN = 3


@check(
    "gpu.xid",
    "The driver reports no faults of a card",
    needs={Need.KERNEL},
    wants=EVIDENCE | TOLD,
    suites={Suite.DIAGNOSE},
    explains=("vllm.cards-together", "vllm.device", "vllm.stalled", "gpu.driver", "container.down"),
)
def gpu_xid(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Name the earliest fault of each card (Xid), which is the root; the most frequent one seldom is.

    13, 31, 43: a kernel of the server is at fault, switch its backend. 48, 63, 64, 92, 94, 95: memory of the
    card; 63 is repaired by a reset, 64 means that no spare is left. 61, 62, 119, 120: firmware. 74: NVLink. 79:
    the card fell off the bus: power, heat or riser, whatever ran on it. 45 and what comes after another one
    follow from it. Certain about the number, likely about its cause. It is no matter of memory flags.
    """
    scene = scene_of(plan, seen)
    lines = [line.text for account in scene.accounts for line in account.lines]
    for card, found in by_card(faults(lines)).items():
        yield _finding(card, found, scene)


def _finding(card: str, found: Sequence[Fault], scene: Scene) -> Finding:
    first = found[0]
    users = tuple(service.name for service in scene.plan.services if service.gpus)
    # A bug of software that a server survived is a warning: the kernel's log keeps it until the next boot.
    stopped = any(scene.container(name) and not scene.serves(name) for name in users)
    return Finding(
        subject=f"card {card}" if card else "a card",
        status=Status.FAIL if first.meaning.hardware or stopped else Status.WARN,
        observed=f"Xid {first.code} came first, of {len(found)} in all",
        expected="none",
        cause=first.meaning.cause,
        remedy=first.meaning.remedy,
        evidence=tuple(fault.text for fault in found[:_SHOWN]),
        confidence=Confidence.CERTAIN if first.meaning.hardware else Confidence.LIKELY,
        rejected=tuple(_rejected(first, found)),
        concerns=users,
    )


def _rejected(first: Fault, found: Sequence[Fault]) -> Iterator[str]:
    counted = Counter(fault.code for fault in found if fault.code != first.code)
    for code, times in counted.most_common():
        yield f"Xid {code} ({times} times): later than Xid {first.code}, so it follows from it"
    if first.meaning.hardware:
        yield "model or server: a card fails under load, whatever the load is"
    else:
        yield "broken hardware: no fault of hardware came before it"
