"""Looks at all that is needed, side by side, under one deadline; what hangs costs its own part only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.facts import Unavailable
from toolkit.snapshot import Need, Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection

    from toolkit.clock import Deadline

Probe = Callable[["Deadline"], object]


def observe(needs: Collection[Need], probes: Mapping[Need, Probe], deadline: Deadline) -> Snapshot:
    """Return one snapshot of `needs`; a part that fails, hangs or has no probe is Unavailable with its reason."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    looks = {need: _Look(probes[need], deadline) for need in needs if need in probes}
    parts: dict[str, Any] = {need.value: look.result() for need, look in looks.items()}
    missing = {need.value: Unavailable("nothing here can look at it") for need in needs if need not in probes}
    return Snapshot(started, **parts, **missing)


class _Look:
    """One probe at work in a thread of its own, which nobody waits for once the time is over."""

    def __init__(self, probe: Probe, deadline: Deadline) -> None:
        self._found: object = None
        self._deadline = deadline
        # A daemon: a probe that hangs in the kernel must not keep the whole command from ending.
        self._thread = threading.Thread(target=self._run, args=(probe,), daemon=True)
        self._thread.start()

    def _run(self, probe: Probe) -> None:
        try:
            self._found = probe(self._deadline)
        except ToolkitError as error:
            self._found = Unavailable("; ".join(_said(problem) for problem in error.problems))
        except Exception as error:  # noqa: BLE001 - whatever a probe meets, the others go on
            self._found = Unavailable(f"{type(error).__name__}: {error}")

    def result(self) -> object:
        self._thread.join(self._deadline.remaining_s())
        if self._found is None:
            return Unavailable("no answer in time")
        return self._found


def _said(problem: Any) -> str:
    return ": ".join(part for part in (problem.where, problem.what, problem.got) if part)
