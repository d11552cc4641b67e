"""What the containers of a host mount from outside: exactly these files have to be on the engine's machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.render.render import COMPOSE_FILE

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.render.bundle import Bundle
    from toolkit.state.directory import StateDirectory

# Larger files are weights: whether they changed is told by their size and time, not by reading gigabytes.
_READ_WHOLE_BYTES = 1 << 20
_SECRET_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Item:
    """One file, and how it shall be on the other machine."""

    path: Path
    mode: int
    uid: int
    gid: int

    @property
    def stamp(self) -> str:
        """A word that changes with content, mode and owner."""
        found = self.path.stat()
        whole = found.st_size <= _READ_WHOLE_BYTES
        content = self.path.read_bytes() if whole else f"{found.st_size} {found.st_mtime_ns}".encode()
        return sha256(f"{self.mode:o} {self.uid} {self.gid} ".encode() + content).hexdigest()[:32]


def cargo(plan: Plan, bundle: Bundle, build_dir: Path, state: StateDirectory) -> tuple[Item, ...]:
    """Return the files that services of this host mount: rendered ones, their secrets, state, models.

    Compose itself works here, so its file stays here; so does what a container writes to: it has to be there already.
    """
    items = [
        Item(build_dir / path, file.mode, 0, 0) for path, file in bundle.files.items() if path != COMPOSE_FILE
    ]
    for service in plan.services:
        items += [Item(state.secrets / s.name, _SECRET_MODE, s.uid, s.gid) for s in service.secrets]
        for mount in service.mounts:
            if mount.kind == "bind" and mount.read_only:
                items += _below(_outright(state.project_dir, mount.source))
    items += [Item(state.root / file.directory / file.name, 0o644, 0, 0) for file in plan.digest_files]
    return tuple(sorted(dict.fromkeys(items), key=lambda item: item.path))


def outer_directories(plan: Plan, project_dir: Path) -> tuple[Path, ...]:
    """Return what services of this host read that does not lie below the project's directory: models, by path."""
    paths = {
        _outright(project_dir, mount.source)
        for service in plan.services
        for mount in service.mounts
        if mount.kind == "bind" and mount.read_only
    }
    return tuple(sorted(path for path in paths if not path.is_relative_to(project_dir)))


def _outright(project_dir: Path, source: str) -> Path:
    """Return the path as Compose gives it to the engine: without `..`, links as they are."""
    return Path(os.path.normpath(project_dir / source))


def _below(directory: Path) -> Iterator[Item]:
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            found = path.stat()
            yield Item(path, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)
