"""An entry of the model catalogue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Bytes, Section

_Count = Annotated[int, Field(ge=0)]
_Size = Annotated[int, Field(ge=1)]


class AttentionLayers(Section):
    """Equal layers that keep keys and values; `window` is null where they look back over the whole context.

    `latent` layers keep one vector for all heads in place of keys and values: `kv_heads` is 1, `head_dim` its length.
    """

    layers: _Size
    kv_heads: _Size
    head_dim: _Size
    window: _Size | None
    latent: bool


class Facts(Section):
    """What the planner has to know to fit a model on a card; from the `config.json` and the files of its repository.

    `attention` is empty for a model without a cache, an encoder. `weights` is what lies on the card, tied tables once.
    `heads` are those of its queries, which the ranks of a server divide; null where nobody has said.
    """

    layers: _Size
    attention: list[AttentionLayers]
    hidden: _Size
    intermediate: _Size
    experts_per_token: _Count
    vocabulary: _Size
    positions: _Size
    weights: Bytes
    quantization: str | None
    sees: bool
    # Facts that were written down before it was asked for do without.
    heads: _Size | None = None


class Model(Section):
    """Where a model comes from, under which terms, and what it needs of a card.

    `source` is `hf:ID` (a repository of the Hugging Face Hub), `dir:PATH` (a directory of this machine,
    absolute or relative to `toolkit.yaml`), or a tiny model with random weights, made here: `generated` answers with
    text, `generated-embeddings` with vectors.
    """

    source: Annotated[
        str,
        Field(
            pattern=r"^(generated(-embeddings)?|hf:[\w.-]+(/[\w.-]+)?|dir:.+)$",
            examples=["hf:Qwen/Qwen3-0.6B", "dir:/srv/models/mine"],
        ),
    ]
    revision: str | None
    licence: str
    trust_remote_code: bool
    facts: Facts | None
