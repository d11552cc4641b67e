"""Python wheels of a build context's lock file: downloaded once, checked by hash, offered to a build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.engine import images_argv

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.engine.runner import Completed
    from toolkit.routines.image_steps import Steps

LOCK_NAME = "requirements.lock"
_COMPLETE = ".complete"
_NEXT = "check the network and pip's configuration (`pip config list`); the lock is for x86-64"


@contextmanager
def wheels_of(steps: Steps, context: Path, cache: Path) -> Iterator[Mapping[str, str]]:
    """Yield the build arguments through which a build of `context` reaches its wheels; none without a lock.

    They are offered on the loopback address for that time, and nowhere else: a copy in the build context
    would end up in a layer. Raises EngineError when pip cannot get a wheel, or gets one of another hash.
    """
    lock = context / LOCK_NAME
    if not lock.is_file():
        yield {}
        return
    # A web server is slow to import, and every `up` imports this module
    from toolkit.routines.wheel_server import offered  # noqa: PLC0415

    with offered(_downloaded(steps, lock, cache)) as address:
        yield {"WHEELS": address}


def _downloaded(steps: Steps, lock: Path, cache: Path) -> Path:
    """Return the directory with every wheel of the lock; a download that was cut short is taken up again."""
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
