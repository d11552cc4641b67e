"""The Debian that local images stand on: made by debootstrap, imported, completed with the security suite."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.engine import images_argv
from toolkit.engine.images_argv import CONTEXT_LABEL, IMAGE_LABEL, Build
from toolkit.errors import EngineError, Problem
from toolkit.routines.image_contexts import context_digest

if TYPE_CHECKING:
    from toolkit.routines.image_steps import Steps

MIRROR_VARIABLE = "TOOLKIT_DEBIAN_MIRROR"
NO_INSTALL_VARIABLE = "TOOLKIT_NO_INSTALL"
_MIRROR = "http://deb.debian.org/debian"
_DEFAULT_SUITE = "trixie"
# The CPU build of torch is for Python 3.11, which is bookworm's.
_SUITES = {"vllm": "bookworm"}
_ROOT_ONLY = "become root for this once, or use `image_source: registry`"


@dataclass(frozen=True, slots=True)
class Base:
    """A Debian release, the image of its bare root file system, and the image that services are built on."""

    suite: str

    @property
    def rootfs(self) -> str:
        """The imported root file system, as debootstrap left it."""
        return f"llm-stack/rootfs:{self.suite}"

    @property
    def reference(self) -> str:
        """The base image."""
        return f"llm-stack/base:{self.suite}"


def base_of(context: str) -> Base:
    """Return the base of the image that is built from compose/images/`context`."""
    return Base(_SUITES.get(context, _DEFAULT_SUITE))


def ensure_base(steps: Steps, contexts_dir: Path, base: Base, cache: Path, *, fresh: bool) -> None:
    """Build the base image where it is missing or stale, and with `fresh` always. Raises EngineError."""
    digest = context_digest(contexts_dir / "base", salt=base.suite)
    if not fresh and _has(steps, base.reference, digest):
        return
    if not _has(steps, base.rootfs):
        _import_rootfs(steps, base, cache)
    labels = {CONTEXT_LABEL: digest, IMAGE_LABEL: "base"}
    arguments = {"ROOTFS": base.rootfs, "SUITE": base.suite, "MIRROR": _mirror()}
    steps.build(Build(contexts_dir / "base", base.reference, arguments, labels, fresh))


def _has(steps: Steps, reference: str, digest: str = "") -> bool:
    done = steps.runner.run(images_argv.inspect((reference,)))
    return done.returncode == 0 and digest in done.stdout


def _import_rootfs(steps: Steps, base: Base, cache: Path) -> None:
    _ensure_debootstrap(steps)
    with tempfile.TemporaryDirectory(prefix="rootfs-", dir=cache) as scratch:
        root, archive = Path(scratch, "root"), Path(scratch, "root.tar")
        step = f"check the network, or name another mirror in {MIRROR_VARIABLE}"
        steps.run(images_argv.debootstrap(base.suite, root, _mirror()), f"debootstrap {base.suite}", step)
        steps.run(images_argv.pack(root, archive), f"packing {base.suite}")
        steps.run(images_argv.import_root(archive, base.rootfs, "rootfs"), f"importing {base.rootfs}")


def _ensure_debootstrap(steps: Steps) -> None:
    if os.geteuid() != 0:
        raise EngineError(Problem("images", "only root can make a Debian base image", "", _ROOT_ONLY))
    if shutil.which("debootstrap"):
        return
    step = "apt-get install debootstrap"
    if os.environ.get(NO_INSTALL_VARIABLE) == "1":
        got = f"{NO_INSTALL_VARIABLE}=1, so nothing was installed"
        raise EngineError(Problem("images", "missing: debootstrap", got, step))
    if not shutil.which("apt-get"):
        got = "no apt-get: this is no Debian machine"
        raise EngineError(
            Problem("images", "missing: debootstrap", got, "install debootstrap, then try again")
        )
    steps.run(images_argv.apt_update(), "refreshing Debian's package lists", step)
    steps.run(images_argv.apt_install("debootstrap"), "installing the Debian package debootstrap", step)


def _mirror() -> str:
    return os.environ.get(MIRROR_VARIABLE) or _MIRROR
