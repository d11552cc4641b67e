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
        (
            "llm-general",
            "ERROR async_llm_engine.py:532] Engine iteration timed out. This should never happen!",
            "a step of the engine hangs: a rank or a kernel does",
            "look at the kernel's log for Xid and at",
        ),
        (
            "llm-general",
            "RuntimeError: RPCServer process died before responding to readiness probe",
            "the engine's process ended while it started",
            "look at container.memory and the",
        ),
        (
            "llm-general",
            'zmq.error.ZMQError: ipc path "/x" is longer than 107 characters',
            "the directory for the server's sockets has too long",
            "set VLLM_RPC_BASE_PATH (or TMPDIR) in",
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
