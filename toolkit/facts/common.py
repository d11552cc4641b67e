"""A part that could not be looked at, whatever it is."""

from __future__ import annotations

from toolkit.errors import Problem
from toolkit.values import Value


class Unavailable(Value):
    """A part that could not be looked at, and why; `problems` are the same in full, where somebody worded them."""

    reason: str
    problems: tuple[Problem, ...] = ()
    elsewhere: bool = False
    """Whether it can be looked at, but only from another machine: nothing is wrong then, and nothing is known."""
