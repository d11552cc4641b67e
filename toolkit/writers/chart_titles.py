"""What the charts of a report are called, and which come first: what users feel, then why, then what it ran on."""

from __future__ import annotations

# In the order of the page; what is not named here follows under its own name.
TITLES = {
    "light": "Light requests, time",
    "first_token": "Time to the first token",
    "rate": "Tokens per second of one stream",
    "total": "Whole answers, time",
    "asked": "Requests of this watch that failed",
    "failures": "Requests at the edge that failed",
    "requests": "Requests at the edge",
    "hit": "Light answers out of the cache",
    "queued": "Waiting at the edge",
    "waiting": "Waiting in the model server",
    "running": "Under way in the model server",
    "tokens": "Tokens of the model server",
    "kv_cache": "KV cache in use",
    "server_first_token_p50": "First token by the server's own clock, P50",
    "server_first_token_p95": "First token by the server's own clock, P95",
    "server_gap_p50": "Gap between tokens by the server's own clock, P50",
    "server_gap_p95": "Gap between tokens by the server's own clock, P95",
    "gpu_use": "Use of the cards",
    "gpu_memory": "Memory of the cards",
    "cpu": "Processor time of the containers",
    "memory": "Memory of the containers",
    "host_cpu": "Processor time of the host",
    "host_memory": "Memory of the host",
    "client_cpu": "Processor time of this watch itself",
    "restarts": "Restarts",
    "up": "Services that serve",
    "lost": "Parts of the watch that broke off",
}
# A moment, which is judged, and no course that could be drawn.
UNDRAWN = frozenset({"started"})
_PLACES = {name: place for place, name in enumerate(TITLES)}


def place(name: str) -> int:
    """Return where the chart of a series stands on the page."""
    return _PLACES.get(name, len(_PLACES))
