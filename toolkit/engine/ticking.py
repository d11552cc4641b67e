"""Asks a service inside its container again and again: one program for the whole watch, one line for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine.argv import execute
from toolkit.engine.figures import haproxy_figures, prometheus_figures
from toolkit.engine.histograms import Buckets, between, buckets

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner
    from toolkit.facts import FiguresFact

FIRST_TOKEN, GAP = "time_to_first_token_seconds", "inter_token_latency_seconds"
HISTOGRAMS = (FIRST_TOKEN, GAP)
"""Of which a model server keeps its own account."""
_MARK = "@@ this was all"
# It lives as long as its questions come: whoever asks may be gone at any time.
_LOOP = "while IFS= read -r _; do {}; echo '{}'; done"
_MODEL = "curl -s -m 2 http://127.0.0.1:8000/metrics"
_EDGE = "{ exec 3<>/dev/tcp/127.0.0.1/9999 && echo 'show info;show stat -1 7 -1' >&3 && cat <&3; exec 3>&-; }"

OnFigures = Callable[[int, "FiguresFact"], None]
"""Is given the number of the question, from 0, and what was answered."""


@dataclass(frozen=True, slots=True)
class Ticking:
    """The services of one project."""

    runner: Runner
    project: str

    def model(
        self, service: str, ticks: Iterable[object], on: OnFigures, deadline: Deadline
    ) -> Mapping[str, Buckets]:
        """Ask a model server for its metrics at each tick; return its own histograms of this time, by name."""
        first: dict[str, Buckets] = {}
        last: dict[str, Buckets] = {}

        def answered(number: int, text: str) -> None:
            on(number, prometheus_figures(service, text))
            last.update({name: buckets(text, f"vllm:{name}") for name in HISTOGRAMS})
            first.update({} if first else last)

        self._ask(service, _MODEL, ticks, answered, deadline)
        return {name: between(first[name], seen) for name, seen in last.items()}

    def edge(self, ticks: Iterable[object], on: OnFigures, deadline: Deadline) -> None:
        """Ask the edge for what it counts at each tick."""
        self._ask("edge", _EDGE, ticks, lambda n, text: on(n, haproxy_figures("edge", text)), deadline)

    def _ask(
        self,
        service: str,
        question: str,
        ticks: Iterable[object],
        on_answer: Callable[[int, str], None],
        deadline: Deadline,
    ) -> None:
        """Run until the ticks or the container end. Raises EngineError at the deadline."""
        answers = _Answers(on_answer)
        loop = _LOOP.format(question, _MARK)
        call = execute(f"{self.project}-{service}-1", ("bash", "-c", loop))
        self.runner.run(call, stdin=_lines(ticks), on_line=answers.line, deadline=deadline)


def _lines(ticks: Iterable[object]) -> Iterator[bytes]:
    for _ in ticks:
        yield b"\n"


class _Answers:
    def __init__(self, on_answer: Callable[[int, str], None]) -> None:
        self._on_answer = on_answer
        self._number = 0
        self._text: list[str] = []

    def line(self, line: str) -> None:
        if line == _MARK:
            self._on_answer(self._number, "\n".join(self._text))
            self._number += 1
            self._text.clear()
        else:
            self._text.append(line)
