"""The cache of keys and values: bytes for a token, for a request, and how many tokens a piece of memory holds.

Every rule is that of vLLM's `v1/kv_cache_interface.py` and `v1/core/kv_cache_utils.py` (0.32).
"""

from __future__ import annotations

from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.values import Value

BLOCK_TOKENS = 16
# The CPU build takes larger blocks (platforms/cpu.py).
CPU_BLOCK_TOKENS = 128


class KvLayout(Value):
    """How the cache is cut: bytes of an element (2, with fp8 1), ranks, tokens of a block and of a batch.

    `batched_tokens` is --max-num-batched-tokens: so many tokens of a request are in flight beyond a sliding window.
    """

    element_bytes: float
    batched_tokens: int
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    block_tokens: int = BLOCK_TOKENS


def bytes_per_token(facts: ModelFacts, layout: KvLayout) -> float:
    """Return what one token of a long request takes on one rank, sliding layers included.

    2 × layers × KV heads × head_dim × bytes (AttentionSpec.unpadded_page_size_bytes); heads are divided by the
    tensor-parallel ranks, never under one; a pipeline stage has its part of the layers, rounded up. The latent vector
    of MLA is one for keys and values together, and every rank keeps all of it (MLAAttentionSpec).
    """
    return sum(_layer_bytes(a, layout) * _staged(a, layout) for a in facts.attention)


def request_bytes(facts: ModelFacts, layout: KvLayout, tokens: int) -> float:
    """Return what one request of `tokens` takes on one rank, in whole blocks.

    A sliding layer holds its window, less one, and the tokens in flight, and one block more because a window need
    not begin with a block (SlidingWindowSpec.max_admission_blocks_per_request).
    """
    return sum(
        _layer_bytes(a, layout) * _staged(a, layout) * _held_tokens(a, layout, tokens)
        for a in facts.attention
    )


def tokens_in(facts: ModelFacts, layout: KvLayout, memory_bytes: float, max_model_len: int) -> int:
    """Return how many tokens the cache holds, as vLLM reports it: requests of full length × that length.

    For a model without sliding layers that is memory ÷ bytes per token, in whole blocks. A model without a cache holds
    as much as you like: 0 is returned.
    """
    if not facts.attention or memory_bytes <= 0:
        return 0
    if not any(a.window for a in facts.attention):
        per_block = bytes_per_token(facts, layout) * layout.block_tokens
        return int(memory_bytes // per_block) * layout.block_tokens
    return int(memory_bytes / request_bytes(facts, layout, max_model_len) * max_model_len)


def longest_context(facts: ModelFacts, layout: KvLayout, memory_bytes: float) -> int:
    """Return the longest request that the memory holds, within what the model was made for; 0 where none does.

    The search is that of `estimate_max_model_len`: what a request needs never shrinks with its length.
    """
    shortest, longest = 0, facts.positions
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if request_bytes(facts, layout, middle) <= memory_bytes:
            shortest = middle
        else:
            longest = middle - 1
    return shortest


def _layer_bytes(attention: Attention, layout: KvLayout) -> float:
    """Bytes of one token in one layer of one rank."""
    if attention.latent:
        return attention.head_dim * layout.element_bytes
    heads = max(1, attention.kv_heads // layout.tensor_parallel)
    return 2 * heads * attention.head_dim * layout.element_bytes


def _staged(attention: Attention, layout: KvLayout) -> int:
    return -(-attention.layers // layout.pipeline_parallel)


def _held_tokens(attention: Attention, layout: KvLayout, tokens: int) -> int:
    held, more = tokens, 0
    if attention.window is not None:
        held = min(attention.window - 1 + layout.batched_tokens, tokens)
        more = 1
    return (-(-held // layout.block_tokens) + more) * layout.block_tokens
