"""Progress of a routine on standard error: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from toolkit.cli.options import Common
    from toolkit.routines.progress import Progress, Waiting

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def progress_for(common: Common) -> Progress:
    """Return the listener that suits the options and where standard error goes."""
    if common.quiet:
        return Silent()
    if sys.stderr.isatty() and not common.verbose:
        return LiveTable(colours=not common.no_color)
    return Lines(verbose=common.verbose)


class Silent:
    """Tells nothing but notes, which the user should read in any case."""

    beat_s: float | None = None

    def waiting(self, waits: Sequence[Waiting], said: str) -> None:
        """Tell nothing."""

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        """Tell nothing."""
        del title
        yield

    def service(self, name: str, state: str) -> None:
        """Tell nothing."""

    def line(self, text: str) -> None:
        """Tell nothing."""

    def note(self, text: str) -> None:
        """Print the note."""
        typer.echo(text, err=True)


class Lines(Silent):
    """One line for each change, with the seconds since the start: for logs and pipes."""

    beat_s = 10.0

    def __init__(self, *, verbose: bool) -> None:
        self._began = time.monotonic()
        self._verbose = verbose
        self._states: dict[str, str] = {}

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        """Print the beginning of a step, where every command is to be seen."""
        if self._verbose:
            self._say(f"== {title}")
        yield

    def service(self, name: str, state: str) -> None:
        """Print a state that is new."""
        if self._states.get(name) != state:
            self._states[name] = state
            self._say(f"{name}: {state}")

    def waiting(self, waits: Sequence[Waiting], said: str) -> None:
        """Print one line: who is waited for, of what budget, and what the slowest said last."""
        names = ", ".join(f"{one.service} (of {one.budget_s:.0f} s)" for one in waits)
        slowest = next(one for one in waits if one.slowest)
        last = f"; {slowest.service} says: {_plain(said)}" if said.strip() else ""
        self._say(f"waiting for {slowest.waited_s:.0f} s: {names}{last}")

    def line(self, text: str) -> None:
        """Print a program's own line, where every command is to be seen."""
        if self._verbose:
            self._say(f"   {text}")

    def note(self, text: str) -> None:
        """Print the note."""
        self._say(text)

    def _say(self, text: str) -> None:
        typer.echo(f"{time.monotonic() - self._began:6.1f}s  {text}", err=True)


class LiveTable(Silent):
    """The services with their states and times, redrawn in place while a step runs."""

    beat_s = 1.0

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours
        self._title = ""
        self._last = ""
        self._began: dict[str, float] = {}
        self._rows: dict[str, tuple[str, float]] = {}
        self._live: Live | None = None
        self._budgets_s: dict[str, float] = {}

    def waiting(self, waits: Sequence[Waiting], said: str) -> None:
        """Show each budget, and below the table what the slowest said last."""
        self._budgets_s = {one.service: one.budget_s for one in waits}
        slowest = next(one.service for one in waits if one.slowest)
        if said.strip():
            self._last = f"{slowest}: {_plain(said)}"

    @contextmanager
    def phase(self, title: str) -> Iterator[None]:
        """Draw until the step is over; the table stays, so that the last state can be read."""
        from rich.console import Console
        from rich.live import Live

        self._title, self._last = title, ""
        console = Console(stderr=True, no_color=True if not self._colours else None)
        with Live(
            get_renderable=self._draw, console=console, refresh_per_second=4, transient=True
        ) as self._live:
            yield
        self._live = None

    def service(self, name: str, state: str) -> None:
        """Change one row."""
        now = time.monotonic()
        self._rows[name] = (state, now - self._began.setdefault(name, now))

    def line(self, text: str) -> None:
        """Show a program's newest line below the table."""
        self._last = text

    def note(self, text: str) -> None:
        """Print the note above the table."""
        if self._live is not None:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            typer.echo(text, err=True)

    def _draw(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        for name, (state, _) in self._rows.items():
            colour = {"healthy": "green", "unhealthy": "red", "exited": "red"}.get(state, "yellow")
            elapsed = self._rows[name][1] if state == "healthy" else now - self._began[name]
            budget_s = self._budgets_s.get(name, 0.0) if state != "healthy" else 0.0
            of = f" of {budget_s:.0f} s" if budget_s else ""
            table.add_row(name, Text(state, colour), f"{elapsed:.0f} s{of}")
        table.add_row(Text(self._title, "bold"), Text(self._last[:100], "dim"), "")
        return table


def _plain(said: str) -> str:
    """Return one line of a log without colours and doubled spaces."""
    return " ".join(_ESCAPES.sub("", said).split())[:160]
