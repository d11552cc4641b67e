"""Fixtures of the unit tests."""

from __future__ import annotations

from tests.support.disks import small_disk

__all__ = ["small_disk"]
