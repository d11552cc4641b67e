"""The directory in memory where edge and response cache have their sockets."""

from __future__ import annotations

from toolkit.planning.edge import CACHE_SOCKETS
from toolkit.planning.plan import Mount
from toolkit.units import MIB

SOCKETS = Mount("volume", "edge-sockets", CACHE_SOCKETS, read_only=False, memory_bytes=MIB)
