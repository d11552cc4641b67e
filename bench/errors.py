"""What keeps the bench from measuring."""

from __future__ import annotations


class BenchError(Exception):
    """Something could not be measured; the text says what, and what its program said."""
