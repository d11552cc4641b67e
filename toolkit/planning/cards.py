"""Which cards each service gets: whole or by shares, pinned by UUID where known, promised once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import Card, CardPin
from toolkit.values import Value

# Sums of shares that people write as decimal fractions.
_ROUNDING = 1e-9


class CardDemand(Value):
    """The cards that a section names, as index or UUID, and the share of each it takes; None for whole cards."""

    section: str
    host: str
    wanted: tuple[int | str, ...]
    share: float | None
    on_demand: bool


def pin_cards(demand: CardDemand, cards: Sequence[Card]) -> tuple[CardPin, ...]:
    """Return the pins of one section, in the order it names them. Raises UsageError for a card that is not there."""
    where = f"services.{demand.section}.gpus"
    if demand.wanted and not cards:
        step = f"declare its cards under hosts.{demand.host}.gpus, choose a --hardware that has some, or write []"
        raise UsageError(Problem(where, f"host `{demand.host}` has no cards", str(list(demand.wanted)), step))
    known = {key: card for card in cards for key in (card.index, card.uuid) if key is not None}
    for wanted in demand.wanted:
        if wanted not in known:
            names = ", ".join(f"{c.index} ({c.uuid or c.name})" for c in cards)
            problem = Problem(where, f"host `{demand.host}` has no such card", str(wanted), f"it has {names}")
            raise UsageError(problem)
    share = 1.0 if demand.share is None else demand.share
    return tuple(CardPin(known[w].index, known[w].uuid or str(known[w].index), share) for w in demand.wanted)


class DoublePromise(Value):
    """A card that has to be more than there is of it, and each section with the share that it was promised."""

    host: str
    index: int
    said: tuple[tuple[str, float], ...]

    def problem(self, proposal: str) -> Problem:
        """Return the refusal with its sum; `proposal` is lines for toolkit.yaml, or "" where nothing else plans."""
        rows = [f"{section:16} {share:4.0%}" for section, share in self.said]
        rows.append(f"{'together':16} {sum(share for _, share in self.said):4.0%} of the card")
        step = "give one another card, a `gpu_share`, or make it `on_demand: true`"
        return Problem(
            f"hosts.{self.host}.gpus[{self.index}]",
            "this card is promised more than once",
            "\n".join(rows),
            f"{step}; this plans, in toolkit.yaml:\n{proposal}" if proposal else step,
        )


def double_promises(
    demands: Iterable[tuple[CardDemand, tuple[CardPin, ...]]],
) -> tuple[DoublePromise, ...]:
    """Return each card that is promised to more than it has.

    What runs on demand may name a card of another service: it is started only while that one does not run.
    """
    claims: dict[tuple[str, int], list[tuple[str, float]]] = {}
    for demand, pins in demands:
        for pin in pins:
            if not demand.on_demand:
                claims.setdefault((demand.host, pin.index), []).append((demand.section, pin.share))
    return tuple(
        DoublePromise(host, index, tuple(said))
        for (host, index), said in claims.items()
        if sum(share for _, share in said) > 1 + _ROUNDING
    )


def shared_with(section: str, promised: Mapping[str, tuple[str, tuple[CardPin, ...]]]) -> tuple[str, ...]:
    """Return the services whose cards `section` would take: both cannot run at a time.

    `promised` gives for each service its host and pins.
    """
    host, pins = promised[section]
    return tuple(
        other
        for other, (where, theirs) in promised.items()
        if other != section
        and where == host
        and any(a.index == b.index and a.share + b.share > 1 + _ROUNDING for a in pins for b in theirs)
    )
