"""Can the toolkit bring the card into the container?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "toolkit that is not installed whole",
        says=r"exec: \"(?P<program>nvidia-container-cli)\".*(?:not found|no such file)",
        cause="the NVIDIA Container Toolkit on the host is not whole: {program} is missing",
        remedy="install nvidia-container-toolkit (with libnvidia-container-tools) of one version, `nvidia-ctk "
        "runtime configure --runtime=docker`, then restart the engine",
        weight=4,
    ),
    Rule(
        "list of CDI that is of the driver before",
        says=r"failed to fulfil mount request: open (?P<gone>\S*(?:nvidia|cuda|libEGL|libGL)\S*): no such "
        r"file"
        r"|failed to stat CDI host device \"?(?P<device>/dev/\S+?)\"?:|Using requested mode 'cdi'",
        cause="the list of what belongs to the cards (CDI) is of the driver before, or the toolkit is set to a mode "
        "that does not go with it: {gone}{device} is not there",
        remedy="`nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml` after every update of the driver (or the "
        "service nvidia-cdi-refresh); `nvidia-modprobe -u -c 0` for devices; mode auto in its config.toml",
        weight=4,
    ),
    Rule(
        "hook that is called directly",
        says=r"invoking the NVIDIA Container Runtime Hook directly .*not supported",
        cause="the card is asked for by --gpus while the toolkit is set to CDI, which does not go with its "
        "hook",
        remedy='use the runtime nvidia (or CDI: devices nvidia.com/gpu=all), or set mode = "auto" or "legacy" in '
        "/etc/nvidia-container-runtime/config.toml; restart the engine",
        weight=4,
    ),
    Rule(
        "card that the CDI list does not have",
        says=r"unresolvable CDI devices (?P<device>\S+)|CDI.*(?:spec|device).*(?:conflict|not found|invalid)"
        r"|failed to "
        r"(?:inject|stat) CDI|CDI device injection failed|failed to create CDI",
        cause="the CDI list of cards does not hold what is asked for ({device}): it was never made, or before the "
        "driver's update",
        remedy="`nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml` now and after every driver update; "
        "`nvidia-ctk cdi list` shows the names; restart the engine (CDI has to be on in daemon.json)",
        weight=4,
    ),
    Rule(
        "toolkit without the rights that it needs",
        says=r"privilege change failed|overflowuid: permission denied|nvml error: insufficient permissions|"
        r"nvidia-container-cli\S* permission error|change root failed",
        cause="the toolkit may not do what it has to: the engine is confined (snap, LXC, SELinux) or rootless, or "
        "its root in config.toml is wrong",
        remedy="no snap package of docker; in LXC pass the devices on and set no-cgroups = true; rootless: "
        "no-cgroups = true; take a wrong `root =` out of /etc/nvidia-container-runtime/config.toml",
        weight=4,
    ),
    Rule(
        "mount that the kernel refuses",
        says=r"nvidia-container-cli\S* mount error: (?:mount operation failed|.*(?:operation not permitted"
        r"|no such device"
        r"|argument list too long))",
        cause="the toolkit's mounts of the driver are refused by the kernel: an engine inside of a "
        "container, or SELinux",
        remedy="run it on the host's engine, or allow nesting; with SELinux its policy for containers "
        "(container-selinux)",
        weight=3,
    ),
    Rule(
        "driver that does not answer the toolkit",
        says=r"(?:initialization|detection) error: (?:nvml error: unknown|cuda error|driver rpc error|driver "
        r"error)"
        r"|driver rpc error|driver error: failed to process|nvml error: timeout",
        cause="the driver of the host does not answer the toolkit: it hangs on a card with a fault, or is "
        "only half loaded",
        remedy="`nvidia-smi` on the host (it hangs or errs as well: look at Xid in `dmesg`); restart the host, "
        "reinstall the driver; nvidia-persistenced keeps it loaded",
        weight=3,
    ),
    Rule(
        "demand of the image that cannot be read",
        says=r"requirement error: invalid expression",
        cause="the variable NVIDIA_REQUIRE_* of the image is not valid, so that nothing can be compared",
        remedy='set NVIDIA_DISABLE_REQUIRE: "1" in {section}.environment, or take another image',
        weight=4,
    ),
    Rule(
        "configuration of the toolkit",
        says=r"nvidia-container-runtime.{0,80}(?:config\.toml|load config|unable to load|toml)|invalid "
        r"(?:mode|runtime) .*nvidia"
        r"|could not apply required modification to OCI spec",
        cause="the toolkit cannot read its configuration or apply it",
        remedy="`nvidia-ctk config --in-place` or reinstall nvidia-container-toolkit, `nvidia-ctk runtime configure "
        "--runtime=docker`, restart the engine",
        weight=2,
    ),
)


@check(
    "gpu.toolkit",
    "The NVIDIA Container Toolkit prepares containers",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def gpu_toolkit(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what the NVIDIA Container Toolkit itself stumbles over.

    It runs on the host before the container does, as a hook of the engine: so these are errors of a container that was
    never started. Its mode (legacy, CDI), its rights and its configuration are to be mended on the host; the image
    plays no part.
    """
    return read(RULES, plan, seen)
