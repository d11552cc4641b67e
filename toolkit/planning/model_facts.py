"""What the sums need to know of a model, and how its published `config.json` says it."""

from __future__ import annotations

from toolkit.settings.models import Facts
from toolkit.values import Value


class Attention(Value):
    """Equal layers that keep a cache: how many, and what one of them keeps for a token.

    `window` is the number of tokens that a sliding layer looks back, None for all of them. `latent` layers (MLA) keep
    one vector for all heads instead of a key and a value for each; `kv_heads` is 1 then, `head_dim` its length.
    """

    layers: int
    kv_heads: int
    head_dim: int
    window: int | None = None
    latent: bool = False


class ModelFacts(Value):
    """A model as the sums see it; sizes in elements, `weight_bytes` as it lies on one card, tied embeddings once.

    `attention` is empty for a model without a cache (an encoder), `layers` counts all layers. `intermediate` is the
    width of one feed-forward block, of one expert where `experts_per_token` is not 0. `positions` is the longest
    context that it was made for. `sees` is whether it has an encoder for images or sound in front of it. `heads` are
    those of its queries, None where they are not known.
    """

    layers: int
    attention: tuple[Attention, ...]
    hidden: int
    intermediate: int
    vocabulary: int
    weight_bytes: int
    positions: int
    quantization: str | None = None
    experts_per_token: int = 0
    sees: bool = False
    heads: int | None = None

    @property
    def widened(self) -> int:
        """How many elements of feed-forward blocks one token runs through in a layer."""
        return self.intermediate * max(1, self.experts_per_token)


def facts_of(section: Facts) -> ModelFacts:
    """Return the facts that the catalogue, or a profile, says of a model."""
    return ModelFacts(
        layers=section.layers,
        attention=tuple(
            Attention(a.layers, a.kv_heads, a.head_dim, a.window, a.latent) for a in section.attention
        ),
        hidden=section.hidden,
        intermediate=section.intermediate,
        vocabulary=section.vocabulary,
        weight_bytes=section.weights,
        positions=section.positions,
        quantization=section.quantization,
        experts_per_token=section.experts_per_token,
        sees=section.sees,
        heads=section.heads,
    )
