"""An entry of the model catalogue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Section


class Model(Section):
    """Where a model comes from and under which terms.

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
