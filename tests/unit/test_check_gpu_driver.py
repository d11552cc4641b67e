"""gpu.driver: driver, toolkit, engine and image"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.gpu_driver import gpu_driver


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version",
            "cuda>=12.8",
            "update the driver",
        ),
        (
            "llm-general",
            "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown",
            "kernel still runs the old module",
            "restart the host",
        ),
        ("llm-general", "Failed to initialize NVML: Unknown Error", "daemon-reload", "recreate"),
        (
            "llm-general",
            'could not select device driver "nvidia" with capabilities: [[gpu]]',
            "not installed",
            "nvidia-ctk runtime configure",
        ),
        (
            "llm-general",
            "nvidia-container-cli: device error: 7: unknown device: unknown",
            "no card 7",
            "nvidia-smi -L",
        ),
        (
            "llm-general",
            "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file",
            "libnvidia-ml.so.1",
            "install the driver",
        ),
        (
            "llm-general",
            "failed to discover GPU vendor from CDI: no known GPU vendor found",
            "cannot give cards",
            "nvidia-container-toolkit",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment",
            "CUDA cannot start although the card is seen: the",
            "`modprobe -r nvidia_uvm && modprobe",
        ),
        (
            "llm-general",
            "RuntimeError: CUDA error: unknown error",
            "CUDA cannot start although the card is seen: the",
            "`modprobe -r nvidia_uvm && modprobe",
        ),
        (
            "llm-general",
            "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.",
            "the host has no NVIDIA driver that the toolkit sees",
            "install the driver on the host",
        ),
        (
            "llm-general",
            "failed to generate spec: lstat /dev/dxg: no such file or directory",
            "under WSL the driver of Windows gives the card, and",
            "update the NVIDIA driver in Windows and",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(gpu_driver, service, line, cause, remedy)
