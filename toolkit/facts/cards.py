"""NVIDIA cards: what they are, and how they are at work."""

from __future__ import annotations

from toolkit.values import Value


class CardFact(Value):
    """One NVIDIA card, or one MIG instance of it, as the driver shows it; memory in MiB.

    `reserved_mib` of the whole are the driver's own: programs get the rest.
    """

    index: int
    uuid: str
    name: str
    memory_mib: int
    used_mib: int
    compute_capability: str
    driver: str
    reserved_mib: int = 0

    @property
    def usable_mib(self) -> int:
        """What programs can have of it together: what CUDA calls its total memory."""
        return self.memory_mib - self.reserved_mib


class CardProcessFact(Value):
    """A process that holds memory of a card; `service` is that of the project's container it runs in, "" for others."""

    pid: int
    name: str
    used_mib: int
    service: str = ""
    container: str = ""


class CardStateFact(Value):
    """A card at work: use in percent, memory in MiB, degrees Celsius, watts; None is what the card does not tell.

    `throttle` are the driver's words for what slows it down; `ecc_uncorrected` counts since the driver was loaded.
    `remap_pending`: damaged rows of its memory wait for a reset to be put out of use; `remap_failed`: none was left
    to take over.
    """

    index: int
    uuid: str
    memory_mib: int
    used_mib: int
    use_percent: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    throttle: tuple[str, ...] = ()
    ecc_uncorrected: int | None = None
    processes: tuple[CardProcessFact, ...] = ()
    remap_pending: bool | None = None
    remap_failed: bool | None = None
