"""The sections of a model server: its flags, typed, and what surrounds them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from toolkit.settings.common import Bytes, Section, Service, Share

Positive = Annotated[int, Field(ge=1)]
ServedName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]


class VllmFlags(Section):
    """Flags of `vllm serve`, by vLLM's own names; null leaves a flag to vLLM."""

    dtype: Literal["auto", "bfloat16", "float16", "float32"]
    quantization: Literal["awq", "awq_marlin", "gptq", "gptq_marlin", "fp8", "bitsandbytes"] | None
    kv_cache_dtype: Literal["auto", "fp8", "fp8_e4m3", "fp8_e5m2"]
    gpu_memory_utilization: Share | None
    kv_cache_memory_bytes: Bytes | None
    max_model_len: Positive
    max_num_seqs: Positive
    max_num_batched_tokens: Positive
    max_num_queued_reqs: Positive | None
    tensor_parallel_size: Positive
    enable_prefix_caching: bool
    enforce_eager: bool
    greedy: bool
    seed: int | None


class Llm(Service):
    """One vLLM server: which model, under which name, with how much of the machine."""

    model: str
    served_name: ServedName
    shm_size: Bytes
    environment: dict[str, str]
    flags: VllmFlags
