"""vllm.stalled: a notice that names shared memory"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.vllm_stalled import vllm_stalled


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "INFO [shm_broadcast.py:466] No available shared memory broadcast block found in 60 seconds.",
            "still loads weights",
            "do not raise shm_size",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_stalled, service, line, cause, remedy)


LINE = "No available shared memory broadcast block found in 60 seconds."


def test_after_the_start_a_worker_hangs() -> None:
    found = read_line(vllm_stalled, "INFO: Application startup complete.", LINE)
    assert "hung or dead" in found.cause
    assert any("/dev/shm is too small" in text for text in found.rejected)
