"""Images that are built on this machine: which are missing or stale, and the sequence that builds them."""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.engine import images_argv
from toolkit.engine.failures import classify
from toolkit.engine.images_argv import CONTEXT_LABEL, IMAGE_LABEL, Build
from toolkit.errors import EngineError
from toolkit.planning.images import PINS, ImagePin, local_ref
from toolkit.routines.image_base import Base, base_of, ensure_base
from toolkit.routines.image_contexts import cache_directory, context_digest
from toolkit.routines.image_steps import Steps
from toolkit.routines.image_wheels import wheels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from toolkit.engine.runner import Runner

LocalState = Literal["missing", "stale", "ready", "none"]


@dataclass(frozen=True, slots=True)
class ImageFact:
    """What the engine knows of one image."""

    digest: str
    size_bytes: int
    context: str


@dataclass(frozen=True, slots=True)
class ImageStatus:
    """One row of the table: state (none: nothing is built) and size of the local build (0: not there).

    `pulled`: the official one is on this machine.
    """

    pin: ImagePin
    state: LocalState
    size_bytes: int
    pulled: bool


def list_images(runner: Runner, contexts_dir: Path) -> tuple[ImageStatus, ...]:
    """Return the state on this machine of every image of the table. Raises EngineError: no engine answers."""
    seen = _look(runner, [ref for pin in PINS.values() for ref in (pin.local, pin.registry) if ref])
    return tuple(_status(pin, seen, contexts_dir) for pin in PINS.values())


def _status(pin: ImagePin, seen: Mapping[str, ImageFact], contexts_dir: Path) -> ImageStatus:
    pulled = pin.registry in seen
    if pin.local is None:
        return ImageStatus(pin, "none", 0, pulled)
    fact = seen.get(pin.local)
    return ImageStatus(pin, _state(fact, _digest(contexts_dir, pin)), fact.size_bytes if fact else 0, pulled)


def build_images(
    runner: Runner,
    contexts_dir: Path,
    names: Iterable[str],
    on_step: Callable[[str], None],
    *,
    rebuild: bool = False,
    cache_dir: Path | None = None,
) -> tuple[str, ...]:
    """Build the local images of `names` (keys of PINS) that are missing or stale, all of them with `rebuild`.

    `on_step` gets one line per step. Returns the references that were built. A second call at the same time
    waits for the first. Raises EngineError when the engine, a download or a build fails, with its last lines,
    and UsageError when an image has no local build.
    """
    wanted = {local_ref(pin): pin for pin in (PINS[name] for name in names)}
    if not rebuild and not _stale(runner, contexts_dir, wanted.values()):
        return ()
    steps = Steps(runner, on_step)
    cache = cache_dir or cache_directory()
    with _one_at_a_time(cache / "build.lock", on_step):
        todo = tuple(wanted.values()) if rebuild else _stale(runner, contexts_dir, wanted.values())
        for pin in todo:
            _build_one(steps, contexts_dir, pin, cache, fresh=rebuild)
        # No harm where it fails, as beside another prune: the next build tries again
        runner.run(images_argv.remove_replaced())
    return tuple(local_ref(pin) for pin in todo)


def _build_one(steps: Steps, contexts_dir: Path, pin: ImagePin, cache: Path, *, fresh: bool) -> None:
    base = base_of(pin.context)
    ensure_base(steps, contexts_dir, base, cache, fresh=fresh)
    context = contexts_dir / pin.context
    with wheels_of(steps, context, cache) as wheels:
        labels = {CONTEXT_LABEL: _digest(contexts_dir, pin), IMAGE_LABEL: pin.context}
        steps.build(Build(context, local_ref(pin), {"BASE": base.reference, **wheels}, labels, fresh))


def _digest(contexts_dir: Path, pin: ImagePin) -> str:
    base: Base = base_of(pin.context)
    return context_digest(contexts_dir / pin.context, contexts_dir / "base", salt=base.suite)


def _stale(runner: Runner, contexts_dir: Path, pins: Iterable[ImagePin]) -> tuple[ImagePin, ...]:
    pins = tuple(pins)
    seen = _look(runner, [local_ref(pin) for pin in pins])
    return tuple(
        pin for pin in pins if _state(seen.get(local_ref(pin)), _digest(contexts_dir, pin)) != "ready"
    )


def _state(fact: ImageFact | None, digest: str) -> LocalState:
    if fact is None:
        return "missing"
    return "ready" if fact.context == digest else "stale"


def _look(runner: Runner, references: Iterable[str]) -> dict[str, ImageFact]:
    """Return what is there, by each of its tags; the exit code only says that one of them is not."""
    done = runner.run(images_argv.inspect(references))
    other = [line for line in done.stderr.splitlines() if line.strip() and "No such image" not in line]
    if done.returncode != 0 and other:
        raise EngineError(*classify(done.stderr))
    seen: dict[str, ImageFact] = {}
    for line in filter(None, done.stdout.splitlines()):
        found = json.loads(line)
        context = (found["labels"] or {}).get(CONTEXT_LABEL, "")
        fact = ImageFact(found["id"], found["bytes"], context)
        seen |= dict.fromkeys(found["tags"] or (), fact)
    return seen


@contextmanager
def _one_at_a_time(lock: Path, on_step: Callable[[str], None]) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_step("another build is at work on this machine: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
