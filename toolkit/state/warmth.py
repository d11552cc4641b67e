"""Which model servers are warm: the lives of their containers that were warmed up, and whether somebody is at it."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from toolkit.state import files
from toolkit.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.facts import ContainerFact
    from toolkit.state.directory import StateDirectory

_MODE = 0o600


class Warmth(Value):
    """The record of one environment. A container that was started again is cold again, whoever started it."""

    state: StateDirectory

    def cold(self, facts: Iterable[ContainerFact]) -> tuple[str, ...]:
        """Return the services of those of `facts` that were not warmed up in their present life."""
        known = self._read()
        return tuple(fact.service for fact in facts if known.get(fact.service) != _life(fact))

    def note(self, fact: ContainerFact) -> None:
        """Remember that this life is warm; what cannot be written is warmed up once more."""
        with suppress(OSError):
            files.replace(self.state.warm, json.dumps({**self._read(), fact.service: _life(fact)}), _MODE)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other warm-up is at work, and hold them off; each of them ends within its budgets."""
        file = os.open(self.state.warm_up_lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _MODE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    @property
    def at_work(self) -> bool:
        """Whether a warm-up is at work."""
        with suppress(OSError):
            file = os.open(self.state.warm_up_lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(file)
        return False

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self.state.warm.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _life(fact: ContainerFact) -> str:
    return f"{fact.container_id} {fact.started_at}"
