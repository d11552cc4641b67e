"""The models of a plan: where one comes from, and how it is addressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the Hugging Face Hub and its revision, None for the main branch; None for unknown weights."""

    repository: str
    revision: str | None
    weight_bytes: int | None


@dataclass(frozen=True, slots=True)
class GeneratedModel:
    """A tiny model that has to exist in the state before the server that reads it starts."""

    directory: str
    seed: int
    kind: Literal["chat", "embeddings"] = "chat"


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """A model as users address it, the services that are its own servers, and the model that stands in for it."""

    served_name: str
    services: tuple[str, ...]
    fallback: str | None
    pooling: bool = False
    """Whether it answers with embeddings, not with text."""
