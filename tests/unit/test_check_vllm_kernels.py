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
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch "
            "installation.",
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
            "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 131072, "
            "Hardware limit: 101376.",
            "131072",
            "VLLM_ATTENTION_BACKEND",
        ),
        (
            "llm-general",
            "ImportError: /usr/lib/vllm/_C.abi3.so: undefined symbol: _ZN3c104cuda29c10_cuda",
            "different builds",
            "as it was published",
        ),
        (
            "llm-general",
            "[[ System has unsupported display driver / cuda driver combination (error 803) ]]",
            "the libcuda that the container loads and the driver",
            "restart the host after a driver update",
        ),
        (
            "llm-general",
            "/usr/bin/ld: cannot find -lcuda: No such file or directory",
            "kernels are compiled at the start, and the linker",
            "start it with a card and the",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA error: operation failed due to a previous error during capture",
            "CUDA graphs cannot be captured: a kernel or a",
            "set",
        ),
        (
            "llm-general",
            "torch._dynamo.exc.Unsupported: x",
            "torch.compile cannot compile this model's code",
            "set",
        ),
        (
            "llm-general",
            "ImportError: libGL.so.1: cannot open shared object file: No such file",
            "the image lacks the system library libGL.so.1",
            "take the full image instead of a",
        ),
        (
            "llm-general",
            "AssertionError: Sinks are only supported in FlashAttention 3",
            "the card or the image cannot do this attention",
            "take VLLM_ATTENTION_BACKEND out of",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_kernels, service, line, cause, remedy)


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "RuntimeError: `ptxas` failed with error code 127:",
            "kernels are compiled at the start, and that fails",
            "take another (mostly the previous)",
        ),
        (
            "llm-general",
            "RuntimeError: Ninja is required to load C++ extensions",
            "kernels are compiled at the start, and that fails",
            "take another (mostly the previous)",
        ),
        (
            "llm-general",
            "RuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
            "kernels are compiled at the start (Triton",
            "take the full image instead of a",
        ),
        (
            "llm-general",
            "RuntimeError: `ptxas` failed with error code 127:",
            "kernels are compiled at the start, and that fails",
            "enforce_eager",
        ),
        (
            "llm-general",
            "RuntimeError: Ninja is required to load C++ extensions",
            "kernels are compiled at the start, and that fails",
            "another backend",
        ),
        (
            "llm-general",
            "ValueError: Cannot use FlashAttention-2 backend for Volta and Turing GPUs.",
            "the card or the image cannot do this attention",
            "take VLLM_ATTENTION_BACKEND out of",
        ),
        (
            "llm-general",
            "triton.runtime.errors.OutOfResources: out of resource: shared memory",
            "a Triton kernel needs more of the card's shared",
            "another attention backend",
        ),
    ],
)
def test_a_neighbour_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_kernels, service, line, cause, remedy)
