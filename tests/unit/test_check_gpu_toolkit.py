"""gpu.toolkit: the toolkit of the host"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.gpu_toolkit import gpu_toolkit


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is "
            "not supported.",
            "the card is asked for by --gpus while the toolkit",
            "use the runtime nvidia (or CDI: devices",
        ),
        (
            "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all",
            "the CDI list of cards does not hold what is asked",
            "`nvidia-ctk cdi generate",
        ),
        (
            "nvidia-container-cli: initialization error: nvml error: insufficient permissions: unknown",
            "the toolkit may not do what it has to: the engine",
            "no snap package of docker; in LXC pass",
        ),
        (
            "nvidia-container-cli: mount error: mount operation failed: /proc/driver/nvidia: operation not "
            "permitted",
            "the toolkit's mounts of the driver are refused by",
            "run it on the host's engine, or allow",
        ),
        (
            "nvidia-container-cli: initialization error: nvml error: unknown error: unknown",
            "the driver of the host does not answer the toolkit",
            "`nvidia-smi` on the host (it hangs or",
        ),
        (
            "nvidia-container-cli: requirement error: invalid expression: unknown",
            "the variable NVIDIA_REQUIRE_* of the image is not",
            'set NVIDIA_DISABLE_REQUIRE: "1" in',
        ),
        (
            "could not apply required modification to OCI specification: x",
            "the toolkit cannot read its configuration or apply",
            "`nvidia-ctk config --in-place` or",
        ),
        (
            "failed to fulfil mount request: open /usr/lib/x86_64-linux-gnu/libEGL_nvidia.so.535.183.01: no such file or directory",
            "the list of what belongs to the cards (CDI) is of",
            "`nvidia-ctk cdi generate",
        ),
        (
            'exec: "nvidia-container-cli": executable file not found in $PATH',
            "the NVIDIA Container Toolkit on the host is not",
            "install nvidia-container-toolkit (with",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(gpu_toolkit, "llm-general", line, cause, remedy)
