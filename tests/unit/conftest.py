"""What the unit tests share: small fixtures, and properties tried often enough within their ten seconds."""

from __future__ import annotations

from hypothesis import settings

from tests.support.disks import small_disk

__all__ = ["small_disk"]

settings.register_profile("unit", max_examples=30, deadline=None)
settings.load_profile("unit")
