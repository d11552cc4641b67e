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
            "ValueError: The input size is not aligned with the quantized weight shape. This can be caused "
            "by too large tensor parallel size.",
            "does not divide",
            "smaller",
        ),
        (
            "llm-general",
            "ValueError: World size (4) is larger than the number of available GPUs (2) in this node.",
            "4 is more than the 2 cards",
            "gpus",
        ),
        (
            "llm-general",
            "NotImplementedError: Pipeline parallelism is not supported for this model.",
            "this model or its quantization cannot be split that",
            "take the other way",
        ),
        (
            "llm-general",
            "AssertionError: Every node should have a unique IP address.",
            "several hosts show the same address, or one host",
            "set VLLM_HOST_IP on each host to its",
        ),
        (
            "llm-general",
            "RuntimeError: Version mismatch: The cluster was started with: Ray: 2.9.0",
            "the hosts run different versions of Ray or Python",
            "the same image (same tag, same digest)",
        ),
        (
            "llm-general",
            "ValueError: Current node has no GPU available.",
            "the host on which the server starts has no card",
            "start Ray on that host with its cards",
        ),
        (
            "llm-general",
            "A worker died or was killed while executing a task by an unexpected system error.",
            "Ray has no node with so many free cards, or a",
            "`ray status` on the head; on one host",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_parallel, service, line, cause, remedy)
