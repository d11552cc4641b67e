"""The parts of a card's memory beside the cache, each as an interval with its physical ground.

What follows from shapes is computed; what depends on kernels is bounded by published measurements. Numbers without a
source in vLLM's code come from the logs named beside them; none is fitted to a single case.
"""

from __future__ import annotations

from toolkit.planning.model_facts import ModelFacts
from toolkit.units import MIB
from toolkit.values import Value

GIB = 1024 * MIB
# A graph is kept for each size. Bytes of a graph and layer, by logs of 28, 36 and 94 layers: 0.48, 1.03, 3.45 GiB.
_GRAPH_LAYER_BYTES = (0.15 * MIB, 0.35 * MIB, 0.6 * MIB)
_LARGEST_GRAPH = 512
ACTIVATION_BYTES = 2


class Span(Value):
    """Bytes: at least, most likely, at most."""

    low: float
    likely: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __mul__(self, factor: float) -> Span:
        return Span(self.low * factor, self.likely * factor, self.high * factor)


class Traits(Value):
    """How a version of vLLM counts: whether the budget holds the graphs, and bytes of sampling for a logit."""

    counts_graphs: bool
    sampling_bytes: Span


# Sorting for top-p took 2 logits in 16 bit, 4 + 4 in 32, 8 of indices and the sorted copies: 38.5 measured on an H100
# with 0.11 for vocabularies of 128 k to 201 k. FlashInfer's sampler, and since 0.19 Triton's, need no sort: the two
# copies of the logits, the probabilities and the noise: 2 + 4 + 4 + 4.
_SORTING = Traits(counts_graphs=False, sampling_bytes=Span(12, 36, 40))
_SELECTING = Traits(counts_graphs=False, sampling_bytes=Span(12, 24, 40))
# envs.py: VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS is on since 0.21.
_COUNTING = Traits(counts_graphs=True, sampling_bytes=Span(12, 14, 24))


def traits_of(version: tuple[int, int]) -> Traits:
    """Return how vLLM of a version (major, minor) counts."""
    if version >= (0, 21):
        return _COUNTING
    return _SELECTING if version >= (0, 17) else _SORTING


class Server(Value):
    """One vLLM server by the flags that cost memory; `utilization` is a share of the whole card.

    It has places for `adapters` LoRA adapters of at most `adapter_rank`.
    """

    utilization: float
    max_num_seqs: int
    batched_tokens: int
    traits: Traits
    eager: bool = False
    adapters: int = 0
    adapter_rank: int = 0
    tensor_parallel: int = 1
    pipeline_parallel: int = 1


def weights(facts: ModelFacts, server: Server) -> Span:
    """Return what the weights take on one rank: the bytes of the files, each tensor once.

    Logs agree with the files within 1 %; repacking of quantized weights and padding of the vocabulary add a little.
    """
    each = facts.weight_bytes / server.tensor_parallel / server.pipeline_parallel
    return Span(each * 0.995, each, each * 1.015)


def adapters(facts: ModelFacts, server: Server) -> Span:
    """Return what the places for LoRA adapters take on one rank, full or not.

    Each place has two matrices for each projection, rank × (width in + width out) elements (`lora/layers` of vLLM):
    queries and output between the stream and all heads, keys and values, and the three of a feed-forward block. The
    ranks of a server share some of them. An expert has matrices of its own in newer versions only.
    """
    if not server.adapters:
        return Span(0, 0, 0)
    cached = sum(part.layers * part.kv_heads * part.head_dim for part in facts.attention)
    block = 3 * (facts.hidden + facts.intermediate)
    elements = facts.layers * (4 * facts.hidden + 2 * facts.hidden + block) + 2 * cached
    each = server.adapters * server.adapter_rank * elements * ACTIVATION_BYTES
    return Span(each / server.tensor_parallel, each, 1.5 * each)


def forward(facts: ModelFacts, server: Server) -> Span:
    """Return the peak of one batch through one layer: feed-forward of --max-num-batched-tokens, and the stream.

    A gated block holds gate and up (2 × width) and their product; the stream between the layers is held with its
    residual; how much more depends on what the compiler fuses.
    """
    width = facts.widened / server.tensor_parallel
    per_token = Span(2 * width + 2 * facts.hidden, 3 * width + 4 * facts.hidden, 4 * width + 8 * facts.hidden)
    return per_token * (server.batched_tokens * ACTIVATION_BYTES)


def sampling(facts: ModelFacts, server: Server) -> Span:
    """Return the peak of sampling --max-num-seqs sequences over the whole vocabulary; an encoder samples nothing."""
    if not facts.attention:
        return Span(0, 0, 0)
    rows = min(server.max_num_seqs, server.batched_tokens)
    return server.traits.sampling_bytes * (rows * facts.vocabulary)


def vision(facts: ModelFacts) -> Span:
    """Return what an encoder in front of the model takes for its largest input: it depends on its settings."""
    return Span(0, 1.5 * GIB, 4 * GIB) if facts.sees else Span(0, 0, 0)


def graphs(facts: ModelFacts, server: Server) -> Span:
    """Return what captured graphs take out of the budget: nothing before 0.21, which did not count them."""
    if server.eager or not server.traits.counts_graphs:
        return Span(0, 0, 0)
    per_size = facts.layers / server.pipeline_parallel
    low, likely, high = (part * per_size for part in _GRAPH_LAYER_BYTES)
    return Span(low, likely, high) * capture_sizes(server)


def capture_sizes(server: Server) -> int:
    """Return how many batch sizes are captured: 1, 2, 4, then every 8th, from 256 every 16th (`config/vllm.py`)."""
    largest = min(2 * server.max_num_seqs, server.batched_tokens, _LARGEST_GRAPH)
    small = sum(size <= largest for size in (1, 2, 4))
    return small + len(range(8, min(largest + 1, 256), 8)) + len(range(256, largest + 1, 16))


def taken(server: Server) -> Span:
    """Return what the server has beside torch's tensors, and its lasting buffers.

    Kernels and libraries 0.03 to 0.3 GiB (0.13 on an H100); the workspace of the attention kernels up to 0.4 GiB;
    buffers of the ranks' exchange 0.1 to 0.6 GiB (0.42 more with two ranks, same table).
    """
    alone = Span(0.03 * GIB, 0.2 * GIB, 0.55 * GIB)
    return alone + Span(0.1 * GIB, 0.3 * GIB, 0.6 * GIB) if server.tensor_parallel > 1 else alone
