"""The models of a plan: where one comes from, and how it is addressed."""

from __future__ import annotations

from typing import Literal

from toolkit.values import Value


class HubModel(Value):
    """A repository of the Hugging Face Hub and its revision, None for the main branch; None for unknown weights.

    An `adapter` has no configuration of a model, but one of its own.
    """

    repository: str
    revision: str | None
    weight_bytes: int | None
    adapter: bool = False


class GeneratedModel(Value):
    """A tiny model that has to exist in the state before the server that reads it starts."""

    directory: str
    seed: int
    kind: Literal["chat", "embeddings"] = "chat"


class ModelEndpoint(Value):
    """A model as users address it, the services that are its own servers, and the model that stands in for it."""

    served_name: str
    services: tuple[str, ...]
    fallback: str | None
    pooling: bool = False
    """Whether it answers with embeddings, not with text."""
    adapters: tuple[str, ...] = ()
    """Names under which its own servers answer with a LoRA adapter; whoever stands in answers without."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which it is addressed, its own first."""
        return (self.served_name, *self.adapters)


class WarmUp(Value):
    """A model server to be asked before users ask it: `context` in tokens, and how many requests it takes at once."""

    service: str
    served_name: str
    pooling: bool
    context: int
    sequences: int


class WarmUpRules(Value):
    """Whether `up` warms what it starts, for how long each server, how many at once, and the file of usual prompts."""

    enabled: bool = False
    budget_s: float = 0.0
    at_once: int = 1
    prompts: str | None = None
