"""What the machines have: memory, cores, cards, and how each is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Address, Auto, Bytes, Section, Share


class Gpu(Section):
    """One card: its index, its UUID where known (null else), and the memory that it really shows."""

    index: Annotated[int, Field(ge=0)]
    uuid: Annotated[str, Field(pattern=r"^(GPU|MIG)-[0-9a-fA-F-]+$")] | None
    name: str
    memory: Bytes


class Host(Section):
    """One machine. `address` is the private one on which services of other hosts reach this one's.

    `disk` is what it has for images, models and data, null where that is not known. `engine` is how its engine is
    reached from here, such as ssh://user@host; null for the one that docker talks to.
    """

    address: Address | None
    engine: Annotated[str, Field(pattern=r"^(ssh|tcp|unix)://\S+$", examples=["ssh://me@10.0.0.2"])] | None
    memory: Auto | Bytes
    cpus: Auto | Annotated[float, Field(gt=0)]
    disk: Bytes | None
    gpus: list[Gpu]


class Headroom(Section):
    """What each host keeps for system and engine: a share of its memory, within bounds."""

    share: Share
    floor: Bytes
    ceiling: Bytes


class GpuRules(Section):
    """How much of a card all its services together may take, and above what share of it a plan warns."""

    memory_utilization: Share
    warn_above: Share
