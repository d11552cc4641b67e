"""One check asked of a snapshot made by hand, and facts to make it of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.plans import plan as testing_plan
from toolkit.checking import Check, Finding, judge
from toolkit.facts import CardFact, ContainerFact, DiskFact, EngineFact, HubFact
from toolkit.snapshot import Snapshot

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

RUNNING = (ContainerFact("redis", "id", "llm-testing-redis-1", "running", "healthy"),)
ENGINE = EngineFact("20.10.24", "1.41", "2.26.1", "amd64", ("runc",), "/var/lib/docker", "1", 24576, 2, ())


def ask(
    check: Check, plan: Plan | None = None, taken_at: str = "2026-01-01T00:00:00+00:00", **parts: Any
) -> tuple[Finding, ...]:
    """Return what `check` finds in a snapshot of these parts, by default for the testing plan."""
    return judge([check], testing_plan() if plan is None else plan, Snapshot(taken_at, **parts))


def disk(purpose: str, free_mib: int, device: int = 1, inodes: float = 0.9) -> DiskFact:
    return DiskFact(purpose, f"/{purpose}", 100_000, free_mib, inodes, device)


def card(index: int = 0, memory_mib: int = 32607, used_mib: int = 10, uuid: str = "GPU-1") -> CardFact:
    return CardFact(index, uuid, "NVIDIA GeForce RTX 5090", memory_mib, used_mib, "12.0", "580.1")


def model(
    status: int = 200,
    code: str = "",
    refusal: str = "",
    size_bytes: int | None = 2**30,
    token: str = "",
    shell_token: bool = False,
    cache_known: bool = True,
) -> HubFact:
    return HubFact("meta/big", status, code, refusal, size_bytes, token, shell_token, cache_known)
