"""vllm.kernels: image, card, driver and processor"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_kernels import vllm_kernels


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "RuntimeError: CUDA error: no kernel image is available for execution on the device",
            "no kernels for this generation",
            "newer one for newer cards",
        ),
        (
            "llm-general",
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
            "sm_120",
            "image",
        ),
        (
            "llm-general",
            "torch.cuda error: the provided PTX was compiled with an unsupported toolchain.",
            "driver of the host is older",
            "update the driver",
        ),
        (
            "llm-general",
            "RuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
            "compiler",
            "enforce_eager",
        ),
        (
            "llm-general",
            "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 131072, Hardware limit: 101376.",
            "131072",
            "VLLM_ATTENTION_BACKEND",
        ),
        (
            "llm-general",
            "ImportError: /usr/lib/vllm/_C.abi3.so: undefined symbol: _ZN3c104cuda29c10_cuda",
            "different builds",
            "as it was published",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_kernels, service, line, cause, remedy)
