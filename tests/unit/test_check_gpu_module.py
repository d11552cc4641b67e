"""gpu.module: the module in the kernel of the host"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.gpu_module import gpu_module


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "NVRM: This can occur when a driver such as: nouveau, rivafb, nvidiafb or rivatv was loaded",
            "another driver (nouveau, or vfio of a virtual",
            "blacklist nouveau (/etc/modprobe.d",
        ),
        (
            "modprobe: FATAL: Module nvidia not found in directory /lib/modules/6.8.0",
            "the driver's module is not loaded: the kernel was",
            "`dkms autoinstall` with the headers of",
        ),
        (
            "modprobe: ERROR: could not insert 'x': Key was rejected by service",
            "Secure Boot refuses the driver's module: it is not",
            "enrol the key (`mokutil --import`",
        ),
        (
            "NVRM: not supported by the NVIDIA 580.65 driver release; requires use of the NVIDIA open kernel "
            "modules",
            "this generation of cards wants the other kind of",
            "install the -open package of the driver",
        ),
        (
            "nvidia 0000:01:00.0: Direct firmware load for nvidia/550.54/gsp_tu10x.bin failed with error -2",
            "the driver does not get its firmware (GSP) into the",
            "reinstall the driver with its firmware",
        ),
        (
            "NVRM: This PCI I/O region assigned to your NVIDIA device is invalid: BAR1 is 0M @ 0x0",
            "the card's memory has no address: BIOS (or the",
            "BIOS: Above 4G Decoding on, CSM off",
        ),
        (
            "NVRM: No NVIDIA GPU found.",
            "the driver finds no card that it can use: none is",
            "`lspci -nn | grep -i nvidia`: where it",
        ),
        (
            "NVRM: GPU 0000:98:00.0: RmInitAdapter failed! (0x62:0x65:1792)",
            "the driver cannot initialise the card: it hangs",
            "restart with power off (not only a",
        ),
        (
            "pcieport 0000:00:01.0: AER: Uncorrected (Fatal) error received",
            "the PCIe link to a card has errors that are not",
            "reseat the card, leave the riser out, a",
        ),
        (
            "NVRM: GPU has reached slowdown temperature",
            "the card throttles or stops for heat, or its power",
            "cooling and power cables of the card",
        ),
        (
            "nvidia: Unknown symbol drm_gem_object_put (err -2)",
            "the driver's module is not loaded: the kernel was",
            "`dkms autoinstall` with the headers of",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(gpu_module, "llm-general", line, cause, remedy)
