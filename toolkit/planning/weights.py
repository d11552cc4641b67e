"""Bytes of a model's weights where no file says them: parameters × bytes of their quantization."""

from __future__ import annotations

from collections.abc import Mapping

# Bytes of one weight with what comes with it. AWQ and GPTQ: 4 bits, and for each group of 128 a scale of 16 bits and a
# zero of 4. NVFP4: 4 bits and a scale of 8 bits for 16. MXFP4: the same for 32, and all but the experts in 16 bit: 0.55
# to 0.63 by logs of gpt-oss. bitsandbytes NF4: 4 bits and 32 bits for 64. fp8: 8 bits, a scale for tensors or blocks,
# and some layers that stay as they were.
WEIGHT_BYTES: Mapping[str, float] = {
    "awq": 0.5 + 20 / 8 / 128,
    "gptq": 0.5 + 20 / 8 / 128,
    "nvfp4": 0.5 + 1 / 16,
    "mxfp4": 0.58,
    "bitsandbytes": 0.5 + 4 / 64,
    "fp8": 1.02,
    "int8": 1.02,
}
PLAIN_BYTES = 2


def estimated_bytes(
    parameters: float, vocabulary: int, hidden: int, *, tied: bool, method: str | None
) -> int:
    """Return the bytes of a model of so many `parameters`: what quantization leaves alone are the two tables of words.

    Tied tables are one and the same tensor (transformers: `tie_word_embeddings`). Raises ValueError for a method that
    is not known.
    """
    tables = vocabulary * hidden * (1 if tied else 2)
    if method is None:
        return int(parameters * PLAIN_BYTES)
    if method not in WEIGHT_BYTES:
        raise ValueError(f"quantization {method!r} is none of {', '.join(sorted(WEIGHT_BYTES))}")
    return int((parameters - tables) * WEIGHT_BYTES[method] + tables * PLAIN_BYTES)


def quantized_bytes(plain_bytes: int, vocabulary: int, hidden: int, method: str) -> int:
    """Return what weights of 16 bit come to when vLLM quantizes them while it loads: the two tables stay as they are.

    `awq_marlin` and its like name a kernel, not another size; an unknown method leaves the weights as they are.
    """
    tables = min(2 * vocabulary * hidden * PLAIN_BYTES, plain_bytes)
    part = WEIGHT_BYTES.get(method.removesuffix("_marlin"), PLAIN_BYTES) / PLAIN_BYTES
    return int((plain_bytes - tables) * part + tables)
