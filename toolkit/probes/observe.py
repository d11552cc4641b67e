"""Looks at all that is needed, side by side, under one deadline; what hangs costs its own part only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.errors import EngineError, Problem, ToolkitError
from toolkit.facts import Unavailable
from toolkit.probes.side_by_side import LateError, side_by_side
from toolkit.snapshot import Need, Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection

    from toolkit.clock import Deadline


class ElsewhereError(EngineError):
    """Only the machine itself could tell, and it is another one."""


Probe = Callable[["Deadline"], object]


def observe(needs: Collection[Need], probes: Mapping[Need, Probe], deadline: Deadline) -> Snapshot:
    """Return one snapshot of `needs`; a part that fails, hangs or has no probe is Unavailable with its reason."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    looks = {need: partial(probes[need], deadline) for need in needs if need in probes}
    parts: dict[str, Any] = {n.value: _part(found) for n, found in side_by_side(looks, deadline).items()}
    missing = {need.value: Unavailable("nothing here can look at it") for need in needs if need not in probes}
    return Snapshot(started, **parts, **missing)


def _part(found: object) -> object:
    if isinstance(found, ToolkitError):
        said = "; ".join(_said(problem) for problem in found.problems)
        return Unavailable(said, found.problems, isinstance(found, ElsewhereError))
    if isinstance(found, LateError):
        return Unavailable(str(found))
    return Unavailable(f"{type(found).__name__}: {found}") if isinstance(found, Exception) else found


def _said(problem: Problem) -> str:
    return ": ".join(part for part in (problem.where, problem.what, problem.got) if part)
