"""Does the driver of the host go with the container?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _snap(hit: Hit, scene: Scene) -> Iterator[Signal]:
    root = scene.engine.root_dir if scene.engine else ""
    if "/snap/" in root or scene.told(hit.subject, r"/snap/|snap(?:d|\.docker)"):
        yield speaks_for(f"the engine is the snap package ({root or '/snap'})", 3)


def _no_runtime(hit: Hit, scene: Scene) -> Iterator[Signal]:
    del hit
    if scene.engine is not None:
        listed = "nvidia" in scene.engine.runtimes
        yield (
            against("the engine lists the runtime nvidia", 1)
            if listed
            else speaks_for("the engine lists no runtime nvidia")
        )


def _reloaded(hit: Hit, scene: Scene) -> Iterator[Signal]:
    container = scene.container(hit.subject)
    if container is not None and container.state == "running":
        yield speaks_for("the container was created with its card and still runs")
    if scene.cards:
        yield speaks_for("the driver of the host answers", 1)


RULES = (
    Rule(
        "image wants a newer driver",
        says=r"(?:requirement error: )?unsatisfied condition: (?P<condition>[^,]+)",
        cause="the image demands {condition} (NVIDIA_REQUIRE_CUDA), which the driver of this host does not reach; "
        "the container was never started, so that it has no log",
        remedy="update the driver of the host, or pin an older image ({section}.image); "
        "NVIDIA_DISABLE_REQUIRE only as a stopgap",
        weight=3,
        rejects=("the server: it never ran",),
    ),
    Rule(
        "driver updated, kernel module still the old one",
        says=r"[Dd]river/library version mismatch|nvml error: driver.lib|API mismatch"
        r"|version mismatch.*(?:NVRM|nvidia)",
        cause="the driver was updated on disk, and the kernel still runs the old module",
        remedy="restart the host (or unload and load the modules: `rmmod nvidia_uvm nvidia_drm "
        "nvidia_modeset nvidia && modprobe nvidia`), then `toolkit up`",
        weight=3,
        lasting=True,
    ),
    Rule(
        "card lost by a reload of the daemon",
        says=r"Failed to initialize NVML: Unknown Error|NVML.*Unknown Error",
        cause="the container lost its card: `systemctl daemon-reload` (package updates run it) rewrote the device "
        "rules of running containers (systemd cgroup driver, links missing under /dev/char)",
        remedy="recreate the container (`toolkit restart`); for good: `nvidia-ctk system "
        "create-dev-char-symlinks`, CDI, or the cgroupfs driver",
        weight=2,
        facts=_reloaded,
        lasting=True,
        rejects=("the driver: nvidia-smi on the host works", "chance: it follows a reload of systemd"),
    ),
    Rule(
        "module for CUDA's memory that does not answer",
        says=r"CUDA unknown error|cudaErrorUnknown|CUDA_ERROR_UNKNOWN|CUDA error: unknown error"
        r"|CUDA driver error: unknown|cuInit.*(?:999|unknown)|[Ee]rror 999\b|Error 3: initialization error"
        r"|CUDA error: initialization error"
        r"|nvidia[-_]uvm\b.*(?:not (?:loaded|found)|[Ff]ail|[Ee]rror|Unknown symbol)",
        cause="CUDA cannot start although the card is seen: the module nvidia_uvm is not loaded, hangs since a "
        "suspend or an update of the driver, or its device (/dev/nvidia-uvm) is not in the container (lost with "
        "`systemctl daemon-reload`)",
        remedy="`modprobe -r nvidia_uvm && modprobe nvidia_uvm` (or restart the host), `nvidia-modprobe -u -c 0` "
        "where /dev/nvidia-uvm is missing, then recreate the container (`toolkit restart`)",
        weight=3,
        lasting=True,
        rejects=("CUDA_VISIBLE_DEVICES: the text names it in any case",),
    ),
    Rule(
        "nvidia-persistenced gone",
        says=r"nvidia-persistenced/socket",
        cause="nvidia-persistenced is not running (it ends when driver and library differ after an "
        "update), and its socket is on the list of mounts",
        remedy="restart the host or `systemctl restart nvidia-persistenced`, then regenerate the CDI list: "
        "`nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`",
        weight=3,
        rejects=("a mount of the profile is missing: the toolkit of the driver mounts this one",),
    ),
    Rule(
        "docker from the snap store",
        says=r"could not select device driver|unknown or invalid runtime name:? nvidia"
        r"|nvidia-container-(?:cli|runtime).*not found",
        cause="docker is the snap package, which does not see the toolkit of the host: installing that "
        "again does not help",
        remedy="`snap remove docker`, install docker-ce (or docker.io), then `nvidia-ctk runtime configure "
        "--runtime=docker` and restart the engine",
        weight=0,
        facts=_snap,
    ),
    Rule(
        "NVIDIA Container Toolkit missing",
        says=r"could not select device driver|unknown or invalid runtime name:? nvidia"
        r"|Unknown runtime specified nvidia|nvidia-container-runtime.*(?:not found|no such file)"
        r"|nvidia-container-runtime-hook.*(?:not found|no such file)|failed to discover GPU vendor from CDI",
        cause="the engine cannot give cards to containers: the NVIDIA Container Toolkit is not installed "
        "there, or the engine does not know it",
        remedy="install nvidia-container-toolkit on that host, `nvidia-ctk runtime configure --runtime=docker`, "
        "restart the engine; where docker is the snap package, replace it first; without cards `hardware: cpu`",
        weight=2,
        facts=_no_runtime,
    ),
    Rule(
        "rootless engine may not set device rules",
        says=r"bpf_prog_query|existing device filters attached to the cgroup|BPF_CGROUP_DEVICE"
        r"|failed to (?:set|add) device rules",
        cause="a rootless engine may not change the device rules of control groups, and the NVIDIA runtime "
        "tries to",
        remedy="set no-cgroups = true in /etc/nvidia-container-runtime/config.toml (an update of the "
        "package resets it), or use CDI",
        weight=3,
    ),
    Rule(
        "driver files inside the image",
        says=r"libnvidia-ml\.so\.1: file exists|(?:libcuda|libnvidia)\S*: file exists"
        r"|mount error: file creation failed",
        cause="the image (or the WSL distribution) brings driver files of its own, which collide with "
        "those that are mounted from the host",
        remedy="take libnvidia-* and libcuda* out of the image: install the CUDA toolkit there, never the "
        "driver packages",
        weight=3,
        rejects=("the storage of the engine is broken: the file exists in the image",),
    ),
    Rule(
        "no driver on the host",
        says=r"load library failed: (?P<library>\S+?):|nvml error: driver not loaded"
        r"|couldn't find (?P<ml>libnvidia-ml\.so) library",
        cause="the host has no NVIDIA driver that the toolkit sees ({library}{ml}); an nvidia-smi in the image "
        "is no driver",
        remedy="install the driver on the host (`nvidia-smi` there has to list the cards first), and take "
        "driver packages out of the image",
        weight=2,
    ),
    Rule(
        "what the NVIDIA toolkit refuses",
        says=r"nvidia-container-(?:cli|runtime)(?:\.real)?(?:-hook)?: (?P<what>.+)"
        r"|nvidia-ctk.*(?P<ctk>error.*)",
        cause="the NVIDIA Container Toolkit could not prepare the container: {what}{ctk}",
        remedy="`nvidia-smi` and `nvidia-container-cli -k -d /dev/tty info` on the host have to work first; then "
        "compare the versions of driver and toolkit, and restart the engine",
        weight=1,
    ),
    Rule(
        "card that is not there",
        says=r"device error: (?P<card>[^\s:]+): unknown device|unknown device id|no such device.*nvidia"
        r"|invalid device (?:id|ordinal).*GPU-",
        cause="the host has no card {card}",
        remedy="`nvidia-smi -L` on that host lists its cards; correct hosts.*.gpus, or gpus of {section}",
        weight=3,
    ),
    Rule(
        "device files missing",
        says=r"/dev/nvidia\S*.*no such file|stat failed: /dev/nvidia|nvidia-modprobe"
        r"|/dev/nvidia-uvm.*(?:not permitted|denied)",
        cause="the device files of the driver are not there or not allowed: its modules were not all "
        "loaded at boot",
        remedy="`nvidia-modprobe -u -c0` (or nvidia-smi as root) makes them; then recreate the container",
        weight=3,
    ),
    Rule(
        "card held in exclusive mode",
        says=r"CUDA-capable device\(?s?\)? (?:is/)?are busy or unavailable|cudaErrorDevicesUnavailable"
        r"|EXCLUSIVE_PROCESS",
        cause="the card takes one process only (compute mode exclusive), or a process before still holds it",
        remedy="`nvidia-smi -c DEFAULT` on the host; end the process that holds it",
        weight=3,
    ),
    Rule(
        "fabric manager not running",
        says=r"[Ff]abric ?[Mm]anager|system not yet initialized|cudaErrorSystemNotReady|Error 802",
        cause="cards joined by NVSwitch work only with nvidia-fabricmanager, in the version of the driver",
        remedy="install and start nvidia-fabricmanager of exactly the driver's version on the host",
        weight=3,
    ),
    Rule(
        "toolkit with wrong paths",
        says=r"ldcache error|ldconfig\.real|failed to (?:open|stat) ldconfig",
        cause="the toolkit looks for ldconfig where this distribution does not have it",
        remedy='set ldconfig = "@/sbin/ldconfig" in /etc/nvidia-container-runtime/config.toml',
        weight=3,
    ),
    Rule(
        "driver of Windows under WSL",
        says=r"GPU access blocked by the operating system|WSL.*(?:driver|adapter)|dxcore|/dev/dxg",
        cause="under WSL the driver of Windows gives the card, and it is missing, too old or blocked",
        remedy="update the NVIDIA driver in Windows and WSL (`wsl --update`), install none inside of WSL",
        weight=3,
    ),
    Rule(
        "permission for the card",
        says=r"Insufficient Permissions|NVML_ERROR_NO_PERMISSION|NVreg_ModifyDeviceFiles",
        cause="the user may not use the device files of the card",
        remedy="add it to the group of /dev/nvidia* (video or render), or give the files mode 0666",
        weight=2,
    ),
)


@check(
    "gpu.driver",
    "Driver, toolkit and image go together",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
    explains=("container.command",),
)
def gpu_driver(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which of driver, toolkit, engine and image do not go together.

    A container that was never created has no log: what the engine refused is the evidence. `unsatisfied
    condition` is a driver older than the image; `version mismatch` an update without a restart; `could not select
    device driver` a missing toolkit, or docker from the snap store, which no reinstallation cures. `NVML: Unknown
    Error` in a container that ran for days is a reload of systemd: recreate the container. What nvidia-smi says
    on the host rules none of these out.
    """
    return read(RULES, plan, seen)
