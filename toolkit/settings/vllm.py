"""The sections of a model server: its flags, typed, and what surrounds them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.application import GpuRef
from toolkit.settings.common import Auto, Bytes, Seconds, Section, Service, Share

Positive = Annotated[int, Field(ge=1)]
LoraRank = Literal[1, 8, 16, 32, 64, 128, 256, 320, 512]
"""What `vllm serve --max-lora-rank` takes."""
ServedName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]


class VllmFlags(Section):
    """Flags of `vllm serve`, by vLLM's own names; null leaves a flag to vLLM, `auto` to the planner."""

    dtype: Literal["auto", "bfloat16", "float16", "float32"]
    quantization: Literal["awq", "awq_marlin", "gptq", "gptq_marlin", "fp8", "bitsandbytes"] | None
    kv_cache_dtype: Literal["auto", "fp8", "fp8_e4m3", "fp8_e5m2"]
    gpu_memory_utilization: Share | None
    kv_cache_memory_bytes: Bytes | None
    max_model_len: Auto | Positive
    max_num_seqs: Auto | Positive
    max_num_batched_tokens: Auto | Positive
    max_num_queued_reqs: Positive | None
    max_lora_rank: LoraRank | None
    tensor_parallel_size: Positive
    enable_prefix_caching: bool
    enforce_eager: bool
    greedy: bool
    seed: int | None


class Lora(Section):
    """A LoRA adapter that is served beside its model, by a name of its own.

    `source` is `hf:ID` (a repository of the Hugging Face Hub) or `dir:PATH` (a directory of this machine, absolute or
    relative to `toolkit.yaml`).
    """

    name: ServedName
    source: Annotated[
        str,
        Field(
            pattern=r"^(hf:[\w.-]+/[\w.-]+|dir:.+)$",
            examples=["hf:org/adapter", "dir:/srv/adapters/mine"],
        ),
    ]

    @property
    def from_hub(self) -> bool:
        """Whether the server fetches it itself."""
        return self.source.startswith("hf:")


class Llm(Service):
    """One model and its vLLM servers: `replicas` equal ones, each on its part of `gpus`.

    `engine` is the program that serves it; its settings are those of `flags` that it has.
    A card is the service's own, or with `gpu_share` shared with others: that part of what may be taken of it.
    `concurrency` requests shall be answered at once: what flags at `auto` are chosen for.
    `priority` (1 to 10), `after` and `estimated_load` say when it is loaded and how long that is expected to take;
    `auto` is estimated from the bytes of its weights.
    """

    engine: Literal["vllm", "tensorrt-llm", "sglang"]
    model: str
    served_name: ServedName
    replicas: Annotated[int, Field(ge=1, le=8)]
    gpus: list[GpuRef]
    gpu_share: Share | None
    concurrency: Positive
    priority: Annotated[int, Field(ge=1, le=10)]
    after: list[str]
    estimated_load: Auto | Seconds
    shm_size: Bytes
    environment: dict[str, str]
    lora_modules: list[Lora]
    flags: VllmFlags
