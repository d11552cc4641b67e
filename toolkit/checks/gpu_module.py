"""Does the kernel have the driver, and the driver the card?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "another driver has the card",
        says=r"NVIDIA probe routine was not called|\bnouveau(?:,| [0-9a-f]{4}:| kernel driver)"
        r"|vfio-pci.{0,40}"
        r"(?:bound|NVIDIA)|obtained ownership of\b|Try unloading the conflicting",
        cause="another driver (nouveau, or vfio of a virtual machine) holds the card, so that NVIDIA's "
        "cannot have it",
        remedy="blacklist nouveau (/etc/modprobe.d: `blacklist nouveau`, `options nouveau modeset=0`), rebuild the "
        "initramfs and restart; with vfio take the card out of the pass-through",
        weight=4,
    ),
    Rule(
        "module not built for this kernel",
        says=r"Module nvidia(?:[-_]\w+)? not found|modprobe: (?:FATAL|ERROR).*nvidia|couldn't communicate "
        r"with the NVIDIA "
        r"driver|dkms.{0,60}(?:fail|error|Bad return)|nvidia\.ko.{0,40}(?:not found|no such)|Failed to "
        r"insert module.*nvidia"
        r"|disagrees about version of symbol|version magic|nvidia(?:_\w+)?: Unknown symbol"
        r"|nvidia\S* kernel module is incompatible|GPL-incompatible module",
        cause="the driver's module is not loaded: the kernel was updated, and the module was not built for it (or "
        "Secure Boot refuses it)",
        remedy="`dkms autoinstall` with the headers of the running kernel (or reinstall the driver), then `modprobe "
        "nvidia` or restart; with Secure Boot sign it (mokutil)",
        weight=4,
    ),
    Rule(
        "module without a valid signature",
        says=r"Key was rejected by service|Required key not available|Lockdown: .{0,40}unsigned module",
        cause="Secure Boot refuses the driver's module: it is not signed with a key that the machine knows",
        remedy="enrol the key (`mokutil --import`, confirm at the next start), or switch Secure Boot off",
        weight=4,
    ),
    Rule(
        "card that wants the other kind of module",
        says=r"requires use of the NVIDIA open kernel modules|not supported by (?:open )?nvidia\.ko|not "
        r"supported by the NVIDIA"
        r" [\d.]+ driver|open kernel module.{0,60}(?:not support|requires GSP)"
        r"|NVreg_OpenRmEnableUnsupportedGpus",
        cause="this generation of cards wants the other kind of the driver's module (open from Turing on, and only "
        "open from Blackwell on; proprietary for older ones), or another version",
        remedy="install the -open package of the driver (or the proprietary one for an older card), remove "
        "the other, restart",
        weight=4,
    ),
    Rule(
        "firmware of the driver missing",
        says=r"firmware load for nvidia/\S+ failed|Cannot initialize GSP firmware|gsp_\w+\.bin"
        r"|RmFetchGspRmImages|"
        r"requestFirmware|failed to wait for GFW",
        cause="the driver does not get its firmware (GSP) into the card: the file is missing or of another version, "
        "or the card does not come up",
        remedy="reinstall the driver with its firmware package (nvidia-kernel-common, linux-firmware) and restart "
        "with power off; where the file is there, reseat or replace the card",
        weight=3,
    ),
    Rule(
        "address space that the BIOS did not give",
        says=r"PCI I/O region assigned to your NVIDIA device is invalid|BAR\d is 0M",
        cause="the card's memory has no address: BIOS (or the virtual machine) does not map large regions",
        remedy="BIOS: Above 4G Decoding on, CSM off; kernel: pci=realloc; of a virtual machine enough MMIO "
        "(64 GiB and more)",
        weight=4,
    ),
    Rule(
        "no card on the bus",
        says=r"No NVIDIA (?:GPU found|graphics adapter (?:found|probed))|No devices were found",
        cause="the driver finds no card that it can use: none is plugged in or passed on, or none comes up",
        remedy="`lspci -nn | grep -i nvidia`: where it is missing, look at slot, power and pass-through; where it "
        "is there, at the lines of NVRM in `dmesg`",
        weight=2,
    ),
    Rule(
        "card that cannot be initialised",
        says=r"RmInitAdapter failed|rm_init_adapter failed|Unable to determine the device handle"
        r"|GPU requires reset|nvidia.*probe of \S+ failed with error",
        cause="the driver cannot initialise the card: it hangs, lacks power, or its firmware does not start",
        remedy="restart with power off (not only a reset); try another version of the driver, reseat the card; "
        "replace it (RMA) where that does not help",
        weight=3,
    ),
    Rule(
        "errors of the bus",
        says=r"AER: .{0,40}(?:Fatal|Uncorrected)|PCIe Bus Error: severity=(?:Uncorrected|Fatal)"
        r"|pcieport.*(?:Fatal|DPC)",
        cause="the PCIe link to a card has errors that are not corrected: riser, slot, power or heat",
        remedy="reseat the card, leave the riser out, a lower PCIe generation in the BIOS; watch the card's "
        "power and heat",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "card too hot or short of power",
        says=r"GPU has reached (?:slowdown|shutdown) temp|thermal (?:shutdown|violation)|power connector"
        r"|auxiliary power"
        r"|GPU is not supplied",
        cause="the card throttles or stops for heat, or its power cable is not connected",
        remedy="cooling and power cables of the card; `nvidia-smi -q -d TEMPERATURE,POWER,PERFORMANCE` tells",
        weight=3,
    ),
)


@check(
    "gpu.module",
    "The driver's module runs in the host's kernel",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def gpu_module(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why the driver's module has no card on the host, from its own lines in the kernel's log and nvidia-smi.

    Another driver (nouveau, vfio) that holds the card, a module that was not built for a new kernel, firmware that is
    missing, a card that wants the open or the proprietary module, address space that the BIOS did not give: none of
    these is seen from inside a container, where only `no CUDA-capable device` is left.
    """
    return read(RULES, plan, seen)
