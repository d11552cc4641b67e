"""What of a card is left for the cache: an interval, since vLLM measures the rest only when it starts.

available = utilization × card − what the server has taken − the peak of a trial run (`determine_available_memory` in
vLLM's `v1/worker/gpu_worker.py`). The trial run is the largest batch through the model, then a sampling of the most
sequences; neither keeps its memory while the other runs, so the larger of the two counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.vram_parts import (
    Server,
    Span,
    adapters,
    forward,
    graphs,
    sampling,
    taken,
    vision,
    weights,
)
from toolkit.values import Value

_SUMMED = 0.75


class Room(Value):
    """Bytes of one card: what vLLM may take, and what each part of it takes; `kv` is what is left for the cache."""

    budget_bytes: float
    weights: Span
    activations: Span
    graphs: Span
    other: Span
    adapters: Span

    @property
    def kv(self) -> Span:
        """What is left: most likely, and between what bounds.

        The parts do not depend on each other, so that not all of them are at their worst at once: of the way from the
        root of their squares to their sum three quarters are taken (docs/adr/0009).
        """
        parts = (self.weights, self.activations, self.graphs, self.other, self.adapters)
        middle = self.budget_bytes - sum(part.likely for part in parts)
        return Span(
            low=middle - _together([part.high - part.likely for part in parts]),
            likely=middle,
            high=middle + _together([part.likely - part.low for part in parts]),
        )


def _together(ways: Sequence[float]) -> float:
    """Return how far independent parts lead together that may each lead so far."""
    return _SUMMED * sum(ways) + (1 - _SUMMED) * hypot(*ways)


def room(card_bytes: float, facts: ModelFacts, server: Server) -> Room:
    """Return what is left on each card of a server; `card_bytes` is what the driver shows of the smallest one."""
    trial, sampled = forward(facts, server), sampling(facts, server)
    peak = Span(max(trial.low, sampled.low), max(trial.likely, sampled.likely), max(trial.high, sampled.high))
    return Room(
        budget_bytes=card_bytes * server.utilization,
        weights=weights(facts, server),
        activations=peak + vision(facts),
        graphs=graphs(facts, server),
        other=taken(server),
        adapters=adapters(facts, server),
    )
