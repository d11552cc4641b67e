"""Who is on the cards?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.demands import services_on
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import CardProcessFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_SMALL_MIB = 64


@check(
    "gpu.processes",
    "Only those are on a card that were planned for it",
    needs={Need.CARD_STATES},
    suites={Suite.DIAGNOSE},
    explains=("gpu.memory", "vllm.card-free", "vllm.card-memory", "vllm.kv-cache"),
)
def gpu_processes(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where a process of no container holds memory of a card that a service has, and where another service does.

    An orphan of a server that was killed looks like this. Lowering what a service takes would only make room for a
    ghost: end the process, and do not tune.
    """
    for card in known(seen.card_states):
        planned = services_on(plan, card)
        others = [one for one in card.processes if one.used_mib >= _SMALL_MIB and one.service not in planned]
        if not others or not planned:
            yield Finding(
                f"card {card.index}", Status.PASS, f"{len(card.processes)} processes, all of them planned"
            )
            continue
        yield Finding(
            subject=f"card {card.index}",
            status=Status.FAIL,
            observed=f"{sum(one.used_mib for one in others)} MiB are held by what was not planned for it",
            expected=f"only {', '.join(planned)}",
            cause="; ".join(map(_who, others)),
            remedy="\n".join(dict.fromkeys(map(_remedy, others))),
            evidence=tuple(f"pid {one.pid} {one.name} {one.used_mib} MiB" for one in others),
            rejected=("too high a utilization: not that, lowering it would only make room for this process",),
            concerns=planned,
        )


def _who(one: CardProcessFact) -> str:
    if one.service:
        return f"{one.service} is on this card, too"
    return f"pid {one.pid} ({one.name}) runs in {'a foreign container' if one.container else 'no container'}"


def _remedy(one: CardProcessFact) -> str:
    if one.service:
        return f"give it a card of its own in toolkit.yaml, or stop it: toolkit stop {one.service}"
    if one.container:
        return f"docker stop {one.container[:12]}"
    return f"kill {one.pid}"
