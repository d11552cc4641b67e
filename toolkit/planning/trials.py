"""The names of trials, and the target that each is measured against: what whoever tries and whoever judges share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.planning.targets import Targets

MODELS = "list of models"
CHAT = "chat"
STREAM = "chat, streamed: first token"
TOOLS = "chat with a tool"
SCHEMA = "chat with a JSON schema"
EMBEDDING = "embedding"
CACHE_MISS = "a question that is new"
CACHE_HIT = "the same question again"
FALLBACK = "its server aside: the other answers"
NO_KEY = "without a key"
WRONG_KEY = "with a wrong key"
UNKNOWN_MODEL = "a model that is none"
TOO_LONG = "a prompt that is too long"
STORE = "write, read, delete"
VECTORS = "vector search"
SCRAPED = "every target is scraped"

_CAN_DO_WITHOUT = frozenset({TOOLS, SCHEMA})


def optional(name: str) -> bool:
    """Return whether a model need not be able to do it."""
    return name in _CAN_DO_WITHOUT


def limit_of(name: str, subject: str, targets: Targets) -> float:
    """Return the seconds that a trial may take."""
    if name == STORE and subject == "redis":
        return targets.cache_answer
    limits = {
        MODELS: targets.light_p95,
        CHAT: targets.loaded_model,
        STREAM: targets.first_token,
        EMBEDDING: targets.loaded_model,
        CACHE_HIT: targets.light_p95,
        NO_KEY: targets.light_p95,
        WRONG_KEY: targets.light_p95,
        UNKNOWN_MODEL: targets.light_p95,
        STORE: targets.db_query,
        VECTORS: targets.db_query,
        SCRAPED: targets.alert_p95,
    }
    return limits.get(name, targets.mean_answer)
