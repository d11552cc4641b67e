"""vllm.parallel: what does not divide"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_parallel import vllm_parallel


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: Total number of attention heads (40) must be divisible by tensor parallel size (3).",
            "40 attention heads",
            "divisor of 40",
        ),
        (
            "llm-general",
            "ValueError: The input size is not aligned with the quantized weight shape. This can be caused by too large tensor parallel size.",
            "does not divide",
            "smaller",
        ),
        (
            "llm-general",
            "ValueError: World size (4) is larger than the number of available GPUs (2) in this node.",
            "4 is more than the 2 cards",
            "gpus",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_parallel, service, line, cause, remedy)
