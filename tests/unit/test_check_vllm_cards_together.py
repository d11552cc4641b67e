"""vllm.cards-together: what stands beside NCCL's error decides"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checking import Change
from toolkit.checks.vllm_cards_together import vllm_cards_together
from toolkit.facts import KernelFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3690, unhandled system "
            "error (run with NCCL_DEBUG=INFO for details)",
            "could not set up the exchange",
            "NCCL_DEBUG",
        ),
        (
            "llm-general",
            "NCCL WARN Error while creating shared memory segment /dev/shm/nccl-abc (size 9637888)",
            "/dev/shm",
            "raise services.llm_general.shm_size",
        ),
        ("llm-general", "Bootstrap : no socket interface found", "network interface", "NCCL_SOCKET_IFNAME"),
        (
            "llm-general",
            "RuntimeError: CUDA error: peer access is not supported between these two devices",
            "directly (P2P",
            "NCCL_P2P_DISABLE",
        ),
        (
            "llm-general",
            "[rank1]: Watchdog caught collective operation timeout: WorkNCCL(SeqNum=12)",
            "died or hangs",
            "rank that is silent",
        ),
        (
            "llm-general",
            "NCCL WARN Duplicate GPU detected : rank 0 and rank 1 both on CUDA device 1000",
            "two processes of the server (ranks 0 and 1) were",
            "give services.llm_general.gpus as many",
        ),
        (
            "llm-general",
            "NCCL WARN Cuda failure 'out of memory'",
            "NCCL's own buffers (some 100 MiB for each group of",
            "lower",
        ),
        (
            "llm-general",
            "RuntimeError: [gloo/transport/tcp/pair.cc:525] Read error [127.0.1.1]:35417: Connection reset by peer",
            "the processes of one server do not find the network",
            "set NCCL_SOCKET_IFNAME and",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_cards_together, service, line, cause, remedy)


WRAPPED = "ncclSystemError: System call (e.g. socket, malloc) or external library call failed"


def test_the_default_size_of_shared_memory_and_the_line_beside_it_decide() -> None:
    found = read_line(
        vllm_cards_together, WRAPPED, "NCCL WARN Call to posix_fallocate failed: ncclShmOpen /dev/shm/nccl-x"
    )
    assert found.changes == (Change("services.llm_general.shm_size", "10GiB"),)
    assert any("the disk is full" in text for text in found.rejected)


def test_an_xid_is_older_than_nccl_s_complaint() -> None:
    kernel = (KernelFact("NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus."),)
    assert "a card failed" in read_line(vllm_cards_together, WRAPPED, kernel=kernel).cause
