"""Python wheels of a build context's lock file: downloaded once, checked by hash, kept for the next build."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from toolkit.engine import images_argv

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.engine.runner import Completed
    from toolkit.routines.image_steps import Steps

LOCK_NAME = "requirements.lock"
_COMPLETE = ".complete"
_NEXT = "check the network and pip's configuration (`pip config list`); the lock is for x86-64"


def ensure_wheels(steps: Steps, context: Path, cache: Path) -> Path | None:
    """Return the directory that holds every wheel of the context's lock, or None where it has no lock.

    Raises EngineError when pip cannot get one of them, or its hash is not the locked one.
    """
    lock = context / LOCK_NAME
    if not lock.is_file():
        return None
    directory = cache / "wheels" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    complete = directory / _COMPLETE
    if not complete.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _download(steps, lock, directory)
        complete.touch()
    return directory


def _download(steps: Steps, lock: Path, directory: Path) -> None:
    what = f"downloading the wheels of {lock.parent.name}"
    steps.on_step(what)
    done = steps.runner.run(images_argv.download_wheels(lock, directory, torch_index=False))
    if _lacks_torch(done):
        # PyPI has no CPU build of torch under that version; a configured index may have, and comes first
        steps.on_step(f"{what}: torch from {images_argv.TORCH_INDEX}")
        done = steps.runner.run(images_argv.download_wheels(lock, directory, torch_index=True))
    steps.checked(done, what, _NEXT)


def _lacks_torch(done: Completed) -> bool:
    return done.returncode != 0 and "No matching distribution found for torch==" in done.stdout + done.stderr
