"""The light load of a watch: a short streamed answer of each model every second, and light requests beside them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from toolkit.load.prompts import alternating, chat_bodies, synthetic
from toolkit.load.streams import CHAT, Ask, Load, run_load
from toolkit.values import replace

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.load.sample import Sample
    from toolkit.planning.plan import ModelEndpoint
    from toolkit.routines.watch import Watching

LIGHT_PER_S = 50.0
STREAMS_PER_S = 1.0
_TOKENS = 32
_WORDS = 24
_QUESTIONS = 8
_UNANSWERED_S = 2.0


@dataclass(frozen=True, slots=True)
class WatchLoad:
    """Where the load goes to, and with which key; what it finds is written into series.

    `light`, `first_token`, `total` and `rate` have a point for each answer, `asked` one for each request: 1 where it
    failed; `hit` one for each repeated question: 1 where the cache answered.
    """

    url: str
    key: str
    trust: Path | None = None
    """The edge's certificate, None where it is asked in the clear."""

    def stream(self, model: ModelEndpoint, watching: Watching) -> None:
        """Ask a model for a streamed answer every second, in English and Korean by turns."""
        seed = time.time_ns()
        prompts = alternating(synthetic(_WORDS, "en", seed), synthetic(_WORDS, "ko", seed))
        bodies = chat_bodies(model.served_name, prompts, _TOKENS)
        load = self._load(watching, (Ask(body=body) for body in bodies), STREAMS_PER_S, 16)
        run_load(load, lambda sample: _note_stream(watching, model.served_name, sample), watching.over.is_set)

    def light(self, model: ModelEndpoint | None, cached: bool, watching: Watching) -> None:
        """Ask for the list of models, and by turns for answers that the cache has."""
        asks = self._repeated(model.served_name) if model and cached else itertools.repeat(Ask("/v1/models"))
        load = replace(
            self._load(watching, asks, LIGHT_PER_S, 16), keep=frozenset({"x-cache"}), warm_up=_QUESTIONS
        )
        busy, began = time.process_time(), time.monotonic()
        run_load(load, lambda sample: _note_light(watching, sample), watching.over.is_set)
        share = (time.process_time() - busy) / max(time.monotonic() - began, 1e-6)
        watching.recorder.note("client_cpu", "toolkit", "share", share)

    def _load(self, watching: Watching, asks: Iterator[Ask], rate_per_s: float, streams: int) -> Load:
        # It is ended by the watch, which is a little earlier.
        left_s = watching.duration_s + 1.0
        return Load(
            self.url,
            self.key,
            asks,
            streams=streams,
            duration_s=left_s,
            rate_per_s=rate_per_s,
            timeout_s=left_s,
            late_s=_UNANSWERED_S,
            trust=self.trust,
        )

    def _repeated(self, model: str) -> Iterator[Ask]:
        mark = token_hex(6)
        questions = [
            {
                "model": model,
                "messages": [{"role": "user", "content": f"{mark} {number}"}],
                "max_tokens": 4,
                "temperature": 0,
            }
            for number in range(_QUESTIONS)
        ]
        # First each question once, which does not count: nobody can have its answer yet.
        yield from (Ask(CHAT, body) for body in questions)
        for body in itertools.cycle(questions):
            yield Ask("/v1/models")
            yield Ask(CHAT, body)


def _note_stream(watching: Watching, model: str, sample: Sample) -> None:
    note, at = watching.recorder.note, watching.recorder.now()
    note("asked", model, "failed", float(bool(sample.error)), at)
    if sample.error == "unanswered" and not sample.arrivals_s:
        # Nobody knows how long it would have taken, but that it is at least so long.
        note("first_token", model, "s", sample.total_s, at)
    if sample.error or sample.first_token_s is None:
        return
    note("first_token", model, "s", sample.first_token_s, at)
    note("total", model, "s", sample.total_s, at)
    if sample.tokens_per_s is not None:
        note("rate", model, "tokens/s", sample.tokens_per_s, at)


def _note_light(watching: Watching, sample: Sample) -> None:
    note, at = watching.recorder.note, watching.recorder.now()
    note("asked", "edge", "failed", float(bool(sample.error)), at)
    if sample.error:
        return
    note("light", "edge", "s", sample.total_s, at)
    if (told := sample.headers.get("x-cache")) and told in {
        "HIT",
        "MISS",
        "EXPIRED",
        "STALE",
        "UPDATING",
        "BYPASS",
    }:
        note("hit", "response-cache", "share", float(told in {"HIT", "STALE", "UPDATING"}), at)
