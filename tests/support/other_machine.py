"""The same machine with something missing, old, full or closed: by PATH, mounts and users of its own."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CHECKOUT = Path(__file__).parents[2]
_PLUGINS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
_SOCKET = Path("/var/run/docker.sock")


def docker_shim(directory: Path, body: str) -> dict[str, str]:
    """Return an environment in which `docker` is the shell text `body`; `$DOCKER` in it is the real one."""
    directory.mkdir()
    file = directory / "docker"
    file.write_text(f'#!/bin/sh\nDOCKER={shutil.which("docker")}\n{body}\nexec "$DOCKER" "$@"\n')
    file.chmod(0o755)
    return {"PATH": f"{directory}:{os.environ['PATH']}"}


def without_compose(argv: Sequence[str]) -> list[str]:
    """Return `argv` on a machine whose docker has no plugin: empty directories lie over those that hold them."""
    there = [
        shlex.quote(place)
        for place in (*_PLUGINS, f"{Path.home()}/.docker/cli-plugins")
        if Path(place).is_dir()
    ]
    return _with_private_mounts([f"mount -t tmpfs tmpfs {place}" for place in there], argv)


def _with_private_mounts(lines: Iterable[str], argv: Sequence[str]) -> list[str]:
    script = "\n".join(["set -e", *lines, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *argv]


@contextmanager
def small_disk(directory: Path) -> Iterator[Path]:
    """Mount a file system of its own, with room for a project but not for much more, at `directory`."""
    require_root()
    directory.mkdir()
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(directory)), check=True)
    try:
        yield directory
    finally:
        subprocess.run(("umount", str(directory)), check=True)


def fill(disk: Path) -> Path:
    """Write a file until nothing more fits, and return it."""
    file = disk / "full"
    done = subprocess.run(("dd", "if=/dev/zero", f"of={file}", "bs=512"), capture_output=True, check=False)
    assert b"No space left on device" in done.stderr
    return file


def require_root() -> None:
    """End the test where nobody may mount: skipped, in CI failed."""
    if os.geteuid() != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("only root can mount and make users")


@dataclass(frozen=True)
class OtherUser:
    """A user who is not root, with a home of its own, in the group that the engine's socket belongs to."""

    name: str
    uid: int
    gid: int
    home: Path

    def argv(self, argv: Sequence[str], *, in_group: bool = True) -> list[str]:
        """Return `argv` as this user, who sees this Python and checkout wherever they are."""
        groups = "--init-groups" if in_group else "--clear-groups"
        user = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", groups]
        bare = ["env", "-i", f"HOME={self.home}", f"USER={self.name}", f"PATH={os.environ['PATH']}"]
        return _with_private_mounts(_opened((sys.base_prefix, sys.prefix, _CHECKOUT)), [*user, *bare, *argv])


@contextmanager
def other_user() -> Iterator[OtherUser]:
    """Make a user, and remove it with its home."""
    require_root()
    name = f"t{uuid.uuid4().hex[:8]}"
    group = grp.getgrgid(_SOCKET.stat().st_gid).gr_name
    subprocess.run(("useradd", "--create-home", "--groups", group, name), check=True, capture_output=True)
    try:
        found = pwd.getpwnam(name)
        yield OtherUser(name, found.pw_uid, found.pw_gid, Path(found.pw_dir))
    finally:
        subprocess.run(("userdel", "--remove", name), check=True, capture_output=True)


def _opened(paths: Iterable[str | Path]) -> list[str]:
    """Return shell lines that show `paths` below an open, else empty directory in the place of a closed one.

    Root's home, where a checkout or a Python may be, lets nobody else pass.
    """
    wanted = {Path(path).resolve(): _closed_above(Path(path).resolve()) for path in paths}
    hidden = {path: closed for path, closed in wanted.items() if closed is not None}
    stage = {path: f"/mnt/{number}" for number, path in enumerate(hidden)}
    lines = ["mount -t tmpfs tmpfs /mnt"] if hidden else []
    lines += [f"mkdir {stage[path]}; mount --bind {shlex.quote(str(path))} {stage[path]}" for path in hidden]
    lines += [
        f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(closed))}" for closed in set(hidden.values())
    ]
    places = {path: shlex.quote(str(path)) for path in hidden}
    return [
        *lines,
        *(f"mkdir -p {places[path]}; mount --bind {stage[path]} {places[path]}" for path in hidden),
    ]


def _closed_above(path: Path) -> Path | None:
    return next((one for one in reversed(path.parents) if not one.stat().st_mode & 0o001), None)
