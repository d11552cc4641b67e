"""Python wheels of a build context's lock file: downloaded once, checked by hash, offered to a build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
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
    """Yield the build arguments through which a build in `context` reaches its wheels: none where it has no lock.

    They are offered on the loopback address while the context is open, and nowhere else: a copy in the build
    context would end up in a layer. Raises EngineError when pip cannot get a wheel, or its hash is not the locked
    one.
    """
    lock = context / LOCK_NAME
    if not lock.is_file():
        yield {}
        return
    with _offered(_downloaded(steps, lock, cache)) as address:
        yield {"WHEELS": address}


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: pip's own output names what it takes."""


@contextmanager
def _offered(directory: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(directory))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def _downloaded(steps: Steps, lock: Path, cache: Path) -> Path:
    """Return the directory that holds every wheel of the lock; a download that was cut short is taken up again."""
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
