"""What is called to build images on this machine, as tuples: this module runs nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from toolkit.engine.argv import Argv

CONTEXT_LABEL = "toolkit.context"
IMAGE_LABEL = "toolkit.image"
# The classic builder: it is in every engine from 20.10 to 28, and sees the images of this machine.
BUILD_ENVIRONMENT = {"DOCKER_BUILDKIT": "0"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
WHEELS_PYTHON = "3.11"
_OLDEST_GLIBC, _NEWEST_GLIBC = 5, 36
_PROXY_ARGS = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_FACTS = (
    '{"id":{{json .Id}},"tags":{{json .RepoTags}},"labels":{{json .Config.Labels}},"bytes":{{json .Size}}}'
)


@dataclass(frozen=True, slots=True)
class Build:
    """One `docker build`: `context` is a directory with a Dockerfile, `fresh` takes no layer from before."""

    context: Path
    reference: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False


def build(wanted: Build) -> Argv:
    """Return the build; it never pulls, and takes the proxy settings that are set where it is called.

    Its network is the host's: what is offered on the loopback address is within its reach.
    """
    return (
        *("docker", "build", "--force-rm", "--pull=false", "--network", "host"),
        *(("--no-cache",) if wanted.fresh else ()),
        *(word for key, value in wanted.arguments.items() for word in ("--build-arg", f"{key}={value}")),
        *(word for name in _PROXY_ARGS for word in ("--build-arg", name)),
        *(word for key, value in wanted.labels.items() for word in ("--label", f"{key}={value}")),
        *("--tag", wanted.reference, str(wanted.context)),
    )


def inspect(references: Iterable[str]) -> Argv:
    """Return the look at images of this machine: a JSON object a line, exit 1 if one is missing."""
    return ("docker", "image", "inspect", "--format", _FACTS, *references)


def remove_replaced() -> Argv:
    """Return the removal of our own images that have lost their tag and that no container uses."""
    return ("docker", "image", "prune", "--force", "--filter", f"label={IMAGE_LABEL}")


def debootstrap(suite: str, root: Path, mirror: str) -> Argv:
    """Return the making of a minimal Debian in `root`; what it mounts there goes with its mount namespace."""
    return (
        *("unshare", "--mount", "--", "debootstrap", "--variant=minbase", f"--keyring={KEYRING}"),
        *(suite, str(root), mirror),
    )


def pack(root: Path, archive: Path) -> Argv:
    """Return the packing of a root file system, owners by number."""
    return ("tar", "--numeric-owner", "-C", str(root), "-cf", str(archive), ".")


def import_root(archive: Path, reference: str, name: str) -> Argv:
    """Return the import of a packed root file system as an image of one layer."""
    return ("docker", "import", "--change", f"LABEL {IMAGE_LABEL}={name}", str(archive), reference)


def apt_update() -> Argv:
    """Return the refresh of Debian's package lists."""
    return ("apt-get", "update", "--quiet")


def apt_install(*packages: str) -> Argv:
    """Return the installation of Debian packages."""
    return ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages)


def download_wheels(lock: Path, directory: Path, *, torch_index: bool) -> Argv:
    """Return the download of locked wheels for the image's Python, whatever this machine has."""
    platforms = (
        *(f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)),
        *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"),
    )
    abi = f"cp{WHEELS_PYTHON.replace('.', '')}"
    return (
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--no-cache-dir", "--progress-bar", "off", "--disable-pip-version-check"),
        *("--python-version", WHEELS_PYTHON, "--implementation", "cp"),
        *(word for name in (abi, "abi3", "none") for word in ("--abi", name)),
        *(word for name in platforms for word in ("--platform", name)),
        *(("--extra-index-url", TORCH_INDEX) if torch_index else ()),
        *("--dest", str(directory), "--requirement", str(lock)),
    )
