"""Where an environment keeps its state: `.toolkit/<environment>/`, closed to everyone else on the machine."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem
from toolkit.values import Value

if TYPE_CHECKING:
    from pathlib import Path

STATE = ".toolkit"
REMEMBERED = "remembered"


class StateDirectory(Value):
    """The paths of one environment's state; nothing is there before `ensure`."""

    project_dir: Path
    environment: str

    @property
    def root(self) -> Path:
        """The directory of this environment, mode 0700."""
        return self.project_dir / STATE / self.environment

    @property
    def secrets(self) -> Path:
        """One file for each secret that containers read."""
        return self.root / "secrets"

    @property
    def keys(self) -> Path:
        """One file for each API key, for the person who hands it out."""
        return self.root / "keys"

    @property
    def edge(self) -> Path:
        """What the edge mounts: readable by its uid, hidden from the host's users by the parents."""
        return self.root / "edge"

    @property
    def edge_tls(self) -> Path:
        """The edge's certificate and key, which only the edge reads."""
        return self.edge / "tls.pem"

    @property
    def edge_certificate(self) -> Path:
        """The edge's own certificate, for whoever asks it."""
        return self.root / "edge.crt"

    @property
    def indexes(self) -> Path:
        """The digest of the indexes that the last complete migration has looked for."""
        return self.root / "indexes"

    @property
    def reports(self) -> Path:
        """What examinations have found, a file for each run."""
        return self.root / "reports"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a run is at work."""
        return self.root / "lock"

    @property
    def warm_up_log(self) -> Path:
        """What the last warm-up in the background has told."""
        return self.root / "warm-up.log"

    @property
    def warm_up_lock(self) -> Path:
        """The file whose lock says that a warm-up is at work; it is not that of `lock`."""
        return self.root / "warm-up.lock"

    @property
    def warm(self) -> Path:
        """Which lives of which model servers were warmed up."""
        return self.root / "warm.json"

    def remembered(self, part: str) -> Path:
        """What the last `up` that succeeded has found out; `part` is the host where there are several, else empty."""
        return self.root / f"{REMEMBERED}{part and f'-{part}'}.json"

    def releases(self, part: str) -> Path:
        """The numbered releases of one host; `part` as with `remembered`."""
        return self.root / "releases" / part

    def release(self, part: str) -> int | None:
        """Return the number of the last release that came to serve, None before the first."""
        root = self.releases(part)
        numbers = [int(path.name) for path in root.iterdir() if path.name.isdigit()] if root.is_dir() else []
        return max(numbers, default=None)

    def ensure(self) -> StateDirectory:
        """Make what is missing, and return self.

        Raises BlockedError where one of the directories is a symlink, another user's, or writable by others.
        """
        self.project_dir.mkdir(parents=True, exist_ok=True)
        for directory in (self.root.parent, self.root, self.secrets, self.keys):
            _ensure(directory, 0o700)
        _ensure(self.edge, 0o755)
        return self


def _ensure(directory: Path, mode: int) -> None:
    try:
        directory.mkdir(mode=mode)
    except FileExistsError:
        _refuse_unsafe(directory)
        directory.chmod(mode)
    except OSError as error:
        step = "make its parent writable for this user, or run as its owner"
        raise BlockedError(Problem(str(directory), "cannot be made", str(error), step)) from error
    else:
        directory.chmod(mode)


def _refuse_unsafe(directory: Path) -> None:
    found = directory.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        got, step = f"a symlink to {directory.readlink()}", f"remove the symlink: rm {directory}"
    elif not stat.S_ISDIR(found.st_mode):
        got, step = "not a directory", f"move it away: mv {directory} {directory}.old"
    elif mode & (stat.S_IWGRP | stat.S_IWOTH):
        got, step = f"mode {mode:04o}, writable by other users", f"chmod go-w {directory}"
    elif found.st_uid != os.geteuid() and os.geteuid() != 0:
        got, step = f"it belongs to uid {found.st_uid}", "run as that user, or as root"
    else:
        return
    raise BlockedError(Problem(str(directory), "secrets cannot be kept here safely", got, step))
