"""An engine with namespaces, data and settings of its own; whatever it starts ends with it, and it ends with us."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.support.lab_place import thaw
from tests.support.lent_images import engine_root, lend_images

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# However this run ends, the kernel then kills the first program of the namespace, with it all others, and
# unmounts and unplugs what was theirs.
_OWN = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--pid", "--fork", "--kill-child=KILL", "--mount", "--propagation=private", "--mount-proc"),
    *("--net", "--uts"),
)
# The lent images cannot be written; sockets and states below /run, this machine's engine's too, are not seen;
# no name is ever looked up, where a pull would wait for a name server that cannot be reached.
_BEFORE_DOCKERD = """
set -e
directory=$1 lent=$2
shift 2
echo "${directory##*/}" >/proc/sys/kernel/hostname
mount --bind "$lent" "$lent"
mount -o remount,bind,ro "$lent"
names=$(realpath /etc/resolv.conf)
mount -t tmpfs tmpfs /run
mkdir -p "${names%/*}"
[ -e "$names" ] || : >"$names"
mount --bind "$directory/resolv.conf" "$names"
# Settings, and the key that is an engine's identity.
[ ! -d /etc/docker ] || mount --bind "$directory/etc" /etc/docker
ip link set lo up
echo ready
# It ends with its engine, unless somebody has asked for another one, as an init system starts it.
while "$@" >&2 || true; do
  [ -e "$directory/again" ] || exit 1
  rm "$directory/again"
done
"""
_END_S = 120
_LOG = "dockerd.log"


@dataclass(frozen=True)
class OwnEngine:
    """One engine and the program that started it; `pid` is the first program of its namespaces, dockerd's parent."""

    directory: Path
    launcher: subprocess.Popen[str]
    pid: int

    def check_alive(self) -> None:
        """Fail with its last words where it has ended."""
        assert self.launcher.poll() is None, (
            f"{self.directory.name}: it ended:\n{_last_words(self.directory)}"
        )


@contextmanager
def own_engine(
    directory: Path, *, path_first: Sequence[Path], environ: Mapping[str, str]
) -> Iterator[OwnEngine]:
    """Start one that keeps all that it has below `directory`, soon answers at `docker.sock` there, and is a host
    of that name to itself. It has this machine's images, `environ` and PATH, before that `path_first`.
    """
    for own in ("root", "etc"):
        (directory / own).mkdir(parents=True)
    (directory / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    # Nothing of a person's environment: what dockerd has, every hook gets.
    clean = {**environ, "PATH": ":".join([*map(str, path_first), os.environ["PATH"]]), "HOME": str(directory)}
    launcher = _launch(directory, clean)
    try:
        assert launcher.stdout is not None
        assert launcher.stdout.readline(), f"{directory.name} has no namespaces:\n{_last_words(directory)}"
        (first,) = psutil.Process(launcher.pid).children()
        yield OwnEngine(directory, launcher, first.pid)
    finally:
        _end(launcher, directory)


def _launch(directory: Path, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    lender = engine_root()
    lend_images(lender, directory / "root")
    script = ("sh", "-c", _BEFORE_DOCKERD, "sh", str(directory), str(lender), *_dockerd(directory))
    with (directory / _LOG).open("w") as log:
        return subprocess.Popen((*_OWN, *script), env=environ, stdout=subprocess.PIPE, stderr=log, text=True)


def _dockerd(directory: Path) -> list[str]:
    """Return the engine's command line; pid file, exec root and the usual socket are in its own /run."""
    sockets = ("unix:///var/run/docker.sock", f"unix://{directory / 'docker.sock'}")
    return [
        "dockerd",
        f"--data-root={directory / 'root'}",
        *(f"--host={socket}" for socket in sockets),
        "--storage-driver=overlay2",
        # systemd, where there is one, knows nothing of these.
        "--exec-opt=native.cgroupdriver=cgroupfs",
        f"--cgroup-parent=/{directory.parent.name}/{directory.name}",
    ]


def _last_words(directory: Path) -> str:
    return "\n".join((directory / _LOG).read_text().splitlines()[-10:])


def _end(launcher: subprocess.Popen[str], directory: Path) -> None:
    """Kill its first program, and with it all others; the launcher ends when every one is gone."""
    thaw(directory.parent)
    first = psutil.Process(launcher.pid).children() if launcher.poll() is None else []
    for one in first or (launcher,):
        one.kill()
    launcher.communicate(timeout=_END_S)
