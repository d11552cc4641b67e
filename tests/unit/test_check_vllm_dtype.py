"""vllm.dtype: what the card can do"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_dtype import vllm_dtype


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your "
            "Tesla T4 GPU has compute capability 7.5.",
            "Tesla T4 (compute capability 7.5)",
            "half",
        ),
        (
            "llm-general",
            "ValueError: The quantization method fp8 is not supported for the current GPU. Minimum "
            "capability: 89. Current capability: 75.",
            "too old for this quantization fp8",
            "another quantization",
        ),
        (
            "llm-general",
            "ValueError: torch.bfloat16 is not supported for quantization method awq. Supported dtypes: "
            "[torch.float16]",
            "awq does not go with torch.bfloat16",
            "float16",
        ),
        (
            "llm-general",
            "ValueError: Quantization method specified in the model config (gptq) does not match the "
            "quantization method specified in the `quantization` argument (awq).",
            "quantized with gptq",
            "quantization: null",
        ),
        (
            "llm-general",
            "NotImplementedError: No compiled cutlass_scaled_mm for a compute capability less than 87",
            "the image holds no kernel of this quantization for",
            "take an image that is built for the",
        ),
        (
            "llm-general",
            "ValueError: BitAndBytes quantization with TP or PP is not supported yet.",
            "this quantization does not go with the model's",
            "let the model say it",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_dtype, service, line, cause, remedy)
