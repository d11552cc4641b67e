"""The watch as people see it: a live table with sparklines in a terminal, one line elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from toolkit.cli.writing import note
from toolkit.errors import ActionError, Problem

if TYPE_CHECKING:
    from rich.table import Table

    from toolkit.cli.options import Common
    from toolkit.cli.wiring import Project
    from toolkit.facts import Series
    from toolkit.report import Report
    from toolkit.routines.recording import Recorder
    from toolkit.routines.watch import Show

_WIDTH = 40
_OTHERS_S = 1.0
# What is drawn, in this order, and how a value reads.
_ROWS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "light": ("light requests", lambda v: f"{v * 1000:.0f} ms"),
    "first_token": ("first token", lambda v: f"{v * 1000:.0f} ms"),
    "rate": ("tokens/s of a stream", lambda v: f"{v:.0f}"),
    "asked": ("failed", lambda v: f"{v:.0f}"),
    "waiting": ("waiting", lambda v: f"{v:.0f}"),
    "hit": ("cache hits", lambda v: f"{v * 100:.0f} %"),
    "host_cpu": ("processors", lambda v: f"{v * 100:.0f} %"),
    "host_memory": ("memory", lambda v: f"{v * 100:.0f} %"),
    "gpu_use": ("card", lambda v: f"{v:.0f} %"),
    "memory": ("memory", lambda v: f"{v:.0f} MiB"),
}


def watch_side_by_side(common: Common, parts: Sequence[Project], duration_s: float) -> list[Report]:
    """Return the report of each host, all watched at the same time."""
    from toolkit.cli.probing_watch import health_check

    found: dict[int, Report | BaseException] = {}

    def run(number: int, part: Project, show: Show | None) -> None:
        try:
            found[number] = health_check(part, duration_s, show)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            found[number] = error

    with _shown(common, duration_s) as show:
        others = [
            threading.Thread(target=partial(run, number, part, None), daemon=True)
            for number, part in enumerate(parts[1:], 1)
        ]
        for thread in others:
            thread.start()
        run(0, parts[0], show)
        for thread in others:
            thread.join(_OTHERS_S)
        return [_taken(found, number, part) for number, part in enumerate(parts)]


def _taken(found: Mapping[int, Report | BaseException], number: int, part: Project) -> Report:
    one = found.get(number)
    if one is None:
        step = f"toolkit health-check --host {part.plan.part}"
        raise ActionError(Problem(part.plan.part, "its watch did not end in time", "", step))
    if isinstance(one, BaseException):
        raise one
    return one


@contextmanager
def _shown(common: Common, duration_s: float) -> Iterator[Show | None]:
    if common.quiet or not sys.stderr.isatty():
        note(common, f"watches for {duration_s:.0f} s")
        yield None
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, no_color=True if common.no_color else None)
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(recorder: Recorder, whole_s: float) -> None:
            live.update(_table(recorder.series(), recorder.now(), whole_s), refresh=True)

        yield show


def _table(series: Sequence[Series], now_s: float, whole_s: float) -> Table:
    from rich.table import Table
    from rich.text import Text

    from toolkit.writers.sparkline import sparkline

    table = Table.grid(padding=(0, 2))
    for name, (title, reads) in _ROWS.items():
        for one in (s for s in series if s.name == name):
            latest = next((value for _, value in reversed(one.points) if value is not None), None)
            drawn = Text(sparkline(one.points, _WIDTH, whole_s), "cyan")
            table.add_row(title, one.subject, drawn, "" if latest is None else reads(latest))
    table.add_row(Text(f"{now_s:.0f} of {whole_s:.0f} s", "bold"))
    return table
