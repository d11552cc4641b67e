"""Asks for the addresses of names outside, all at once: a resolver that hangs costs its own name only."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from toolkit.facts import ReachFact
from toolkit.probes.side_by_side import LateError, side_by_side

if TYPE_CHECKING:
    from toolkit.clock import Deadline


def _resolve(name: str) -> str:
    socket.getaddrinfo(name, 443, proto=socket.IPPROTO_TCP)
    return ""


def name_facts(
    names: Iterable[str], deadline: Deadline, resolve: Callable[[str], str] = _resolve
) -> tuple[ReachFact, ...]:
    """Return for each name whether the resolver of this machine knows it."""
    found = side_by_side({name: partial(resolve, name) for name in names}, deadline)
    return tuple(ReachFact(name, _refusal(said)) for name, said in found.items())


def _refusal(said: str | Exception) -> str:
    if isinstance(said, LateError):
        return "the resolver does not answer"
    if isinstance(said, OSError):
        return said.strerror or str(said)
    return str(said)
