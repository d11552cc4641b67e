"""vllm.crash: software or hardware"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.vllm_crash import vllm_crash
from toolkit.facts import KernelFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "torch.AcceleratorError: CUDA error: an illegal memory access was encountered",
            "a bug of software",
            "switch the backend",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA error: uncorrectable ECC error encountered",
            "cannot correct",
            "reset the card",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA error: device-side assert triggered",
            "out of bounds",
            "tokenizer",
        ),
        (
            "llm-general",
            "Fatal Python error: Bus error",
            "a page of shared memory or of a mapped file could",
            "raise services.llm_general.shm_size (or",
        ),
        (
            "llm-general",
            "ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).",
            "a page of shared memory or of a mapped file could",
            "raise services.llm_general.shm_size (or",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_crash, service, line, cause, remedy)


ILLEGAL = "CUDA error: an illegal memory access was encountered"


def test_the_kernel_s_log_tells_software_from_hardware() -> None:
    software = (KernelFact("NVRM: Xid (PCI:0000:01:00): 31, pid=9, MMU Fault"),)
    hardware = (KernelFact("NVRM: Xid (PCI:0000:01:00): 48, pid=9, An uncorrectable double bit error"),)
    assert "bug of software" in read_line(vllm_crash, ILLEGAL, kernel=software).cause
    found = read_line(vllm_crash, ILLEGAL, kernel=hardware)
    assert "the card itself failed" in found.cause
    assert any(text.startswith("bug of a kernel backend: an Xid of hardware") for text in found.rejected)
