"""What the numbers mean that the driver gives to faults of a card (Xid), by NVIDIA's own table, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_XID = re.compile(
    r"Xid \((?:PCI:)?(?P<card>[0-9a-fA-F:.]+)\): ?(?P<code>\d+)\b|\bXID:? ?(?P<other>\d+) ?\("
    r"|\bXid:? (?P<plain>\d+),"
)
# The driver names the fault that a later one follows from.
_BEFORE = re.compile(r"caused by previous Xid (?P<code>\d+)")
_FIRMWARE_SILENT = re.compile(
    r"GSP Timeout|waiting for RPC (?:response )?from GPU\d* ?GSP|kgspIsHeartbeatTimedOut"
)
_LOST = re.compile(r"fallen off the bus|GPU is lost|GPU_IS_LOST", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Why a card reports such a fault, whether it is the card's own, and what to do."""

    cause: str
    remedy: str
    hardware: bool = True


_RESET = "drain the server, reset the card (`nvidia-smi --gpu-reset -i N`) or restart the host"
_BACKEND = "switch the attention or MoE backend of the server, update image and driver; lower no memory flags"
_BUS = (
    "restart the machine (power off, not only a reset); look at power supply, cables, riser, cooling and BIOS; "
    "`nvidia-smi -lgc` with a lower clock shows whether power is it"
)
_FIRMWARE = "restart the host; update driver and firmware; where it comes back ask the maker of the card"
MEANINGS = {
    8: Meaning("a kernel ran longer than the card allows, or hangs", _BACKEND, False),
    13: Meaning(
        "a kernel ran into an error of the graphics engine: mostly a bug of software",
        _BACKEND,
        False,
    ),
    31: Meaning(
        "a kernel accessed memory that is not its own: a bug of software, rarely the card",
        _BACKEND,
        False,
    ),
    32: Meaning("the commands to the card were damaged on their way: bus or driver", _FIRMWARE),
    38: Meaning("the firmware of the driver failed", _FIRMWARE),
    43: Meaning("the card stopped a program after a fault of that program", _BACKEND, False),
    45: Meaning(
        "work was removed as its program ended: it follows from something else",
        "look for what ended it",
        False,
    ),
    48: Meaning("the card's memory had an error of two bits, which it cannot correct", _RESET),
    54: Meaning("the auxiliary power of the card is not connected", "check the power cables of the card"),
    61: Meaning("the card's internal controller failed", _FIRMWARE),
    62: Meaning("the card's internal controller halted", _FIRMWARE),
    63: Meaning("a damaged row or page of memory was put out of use: done with the next reset", _RESET),
    64: Meaning(
        "a damaged row or page could not be put out of use: no spare is left",
        f"{_RESET}; replace the card (RMA)",
    ),
    68: Meaning("the card's video decoder failed", _FIRMWARE),
    69: Meaning("the graphics engine met a class that it does not know: driver or software", _BACKEND, False),
    74: Meaning(
        "the NVLink between cards has errors",
        "reseat bridge or cards; `nvidia-smi nvlink -e` counts; run without P2P",
    ),
    79: Meaning("the card has fallen off the bus: power, heat, riser or PCIe, not the model that ran", _BUS),
    92: Meaning("the card corrects many errors of single bits", f"watch it; {_RESET}"),
    94: Meaning(
        "an error of memory was contained: only the program that met it ended",
        f"restart that server; then {_RESET}",
    ),
    95: Meaning("an error of memory was not contained: everything on the card is in doubt", _RESET),
    109: Meaning("a switch of contexts timed out: driver, or a card that hangs", _RESET),
    110: Meaning("a security fault of the card", _FIRMWARE),
    119: Meaning(
        "the firmware of the card (GSP) does not answer",
        f"{_FIRMWARE}; NVreg_EnableGpuFirmware=0 where the driver allows it",
    ),
    120: Meaning(
        "the firmware of the card (GSP) failed",
        f"{_FIRMWARE}; NVreg_EnableGpuFirmware=0 where the driver allows it",
    ),
    121: Meaning("the link between chips has errors", _RESET),
    136: Meaning("the link to the processor failed in training", _FIRMWARE),
    140: Meaning("the card's memory had an error that was not recovered from", _RESET),
    143: Meaning("the card could not be initialised", _FIRMWARE),
    145: Meaning("the NVLink has a fault", "reseat bridge or cards; restart the host"),
    149: Meaning("the NVLink of the fabric has a fault", "restart nvidia-fabricmanager, then the host"),
    154: Meaning(
        "the driver says what the card needs after a fault: a reset, or a restart",
        "do what the line says; the fault itself is older",
    ),
}
_UNKNOWN = Meaning(
    "the driver reports a fault of the card",
    "NVIDIA's table of Xid errors tells more; look at the earliest one",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the card's address on the bus ("" where unknown), its number, and the line."""

    card: str
    code: int
    text: str

    @property
    def meaning(self) -> Meaning:
        """What the number says."""
        return MEANINGS.get(self.code, _UNKNOWN)


def faults(lines: Iterable[str]) -> Iterator[Fault]:
    """Yield the faults that lines tell of, in their order; a card that is lost without a number counts as 79."""
    for text in lines:
        match = _XID.search(text)
        if match is not None:
            earlier = _BEFORE.search(text)
            code = earlier["code"] if earlier else match["code"] or match["other"] or match["plain"]
            yield Fault(match["card"] or "", int(code), text.strip())
        elif _FIRMWARE_SILENT.search(text):
            yield Fault("", 119, text.strip())
        elif _LOST.search(text):
            yield Fault("", 79, text.strip())


def by_card(found: Iterable[Fault]) -> dict[str, list[Fault]]:
    """Return the faults of each card; those without an address belong to the only card that has one."""
    listed = list(found)
    named = {fault.card for fault in listed if fault.card}
    only = named.pop() if len(named) == 1 else ""
    cards: dict[str, list[Fault]] = {}
    for fault in listed:
        cards.setdefault(fault.card or only, []).append(fault)
    return cards
