"""vllm.host-memory: memory outside of the card"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_host_memory import vllm_host_memory


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: Available memory on node 0 (0.61/0.85 GiB) on startup is less than desired CPU memory utilization (0.92, 0.78 GiB).",
            "share of the container's limit",
            "kv_cache_memory_bytes",
        ),
        (
            "llm-general",
            "RuntimeError: [enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1073741824 bytes",
            "used up while weights are read",
            "raise services.llm_general.memory",
        ),
        (
            "llm-general",
            "ValueError: Too large swap space. 16.00 GiB out of the 15.5 GiB total CPU memory is allocated for the swap space.",
            "more than the host's memory",
            "--swap-space",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_host_memory, service, line, cause, remedy)
