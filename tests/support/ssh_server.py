"""OpenSSH's server on a host of its own, from the distribution's package, which is not installed for it."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import execute, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hosts import Host

_PACKAGES = ("openssh-server", "libwrap0")


def _unpack(place: Path) -> tuple[Path, Path]:
    """Return sshd and the directory of its libraries; the test is skipped, in CI it fails, where there are none."""
    place.mkdir()
    got = subprocess.run(
        ("apt-get", "download", *_PACKAGES), cwd=place, capture_output=True, text=True, check=False
    )
    if got.returncode != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no OpenSSH server to be had: {got.stderr}")
    for package in place.glob("*.deb"):
        subprocess.run(("dpkg", "-x", package, place), check=True)
    (library,) = place.glob("usr/lib/*/libwrap.so.0")
    return place / "usr/sbin/sshd", library.parent


@contextmanager
def ssh_server(host: Host, directory: Path) -> Iterator[Path]:
    """Serve ssh on `host`, port 22; yield a directory for PATH with an `ssh` that has a key and knows the host."""
    (sshd, libraries), programs = _unpack(directory / "sshd"), directory / "programs"
    programs.mkdir()
    for key in (directory / "host_key", directory / "key"):
        execute("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    (directory / "known").write_text(f"{host.address} {(directory / 'host_key.pub').read_text()}")
    # OpenSSH goes by the accounts' home, whatever HOME says.
    own = f"-F none -i {directory}/key -o IdentitiesOnly=yes -o UserKnownHostsFile={directory}/known"
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh {own} "$@"\n')
    (programs / "ssh").chmod(0o755)
    # Where logins have a user of the name `sshd`, the one without rights; and its empty directory.
    accounts = Path("/etc/passwd").read_text() + "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n"
    (directory / "passwd").write_text(accounts)
    config = directory / "sshd_config"
    config.write_text(
        f"HostKey {directory}/host_key\nAuthorizedKeysFile {directory}/key.pub\nStrictModes no\n"
        "PermitRootLogin yes\nPasswordAuthentication no\nUsePAM no\nPidFile none\n"
    )
    assert host.run("mount", "--bind", str(directory / "passwd"), "/etc/passwd").returncode == 0
    assert host.run("mkdir", "-p", "/run/sshd").returncode == 0
    server = (f"LD_LIBRARY_PATH={libraries}", str(sshd), "-D", "-e", "-f", str(config))
    log = (directory / "sshd.log").open("w")
    with subprocess.Popen(host.argv("env", *server), stdout=log, stderr=log) as running, log:
        try:
            until(
                lambda: ("0.0.0.0", 22) in host.listens(),
                "sshd listens",
            )
            yield programs
        finally:
            running.terminate()
