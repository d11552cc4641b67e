"""vllm.device: a container without a card"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.vllm_device import vllm_device
from toolkit.facts import KernelFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "RuntimeError: Failed to infer device type, please set the environment variable "
            "`VLLM_LOGGING_LEVEL=DEBUG`",
            "created without a GPU",
            "NVIDIA Container Toolkit",
        ),
        ("llm-general", "RuntimeError: No CUDA GPUs are available", "created without a GPU", "gpus"),
        (
            "llm-general",
            "torch.AcceleratorError: CUDA error: invalid device ordinal",
            "by an index",
            "CUDA_VISIBLE_DEVICES",
        ),
        (
            "llm-general",
            "WARNING: The NVIDIA Driver was not detected.  GPU functionality will not be available.",
            "the container was created without a GPU (no device",
            "give the service a card: `gpus` of",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_device, service, line, cause, remedy)


def test_a_card_off_the_bus_outweighs_a_missing_one() -> None:
    kernel = (KernelFact("NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus."),)
    found = read_line(vllm_device, "RuntimeError: No CUDA GPUs are available", kernel=kernel)
    assert "gone from the machine" in found.cause
