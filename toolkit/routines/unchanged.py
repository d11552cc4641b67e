"""An `up` where nothing has changed: by what was remembered, without loading, planning and rendering again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.errors import ToolkitError
from toolkit.probes.containers import MADE_FROM_LABEL
from toolkit.routines.prepare import OWN_KEY, is_prepared
from toolkit.routines.prove import prove
from toolkit.routines.result import UpResult, still_loading
from toolkit.routines.serving_edge import loaded_by
from toolkit.state.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from toolkit.facts import ContainerFact
    from toolkit.probes.glance import Glance
    from toolkit.probes.http import Completion, Endpoint
    from toolkit.render.remembered import Remembered
    from toolkit.state.directory import StateDirectory

_LOOK_S = 5.0
_PROVE_S = 20.0


class _OtherwiseError(Exception):
    """Something is not as it was remembered; what that is, and what it takes, the long way finds out."""


@dataclass(slots=True)
class Unchanged:
    """The short way of `up`: it only looks. Whatever it cannot vouch for is left to the long way.

    `endpoint` returns the edge at a URL, asked with a key.
    """

    remembered: Remembered
    state: StateDirectory
    glance: Glance
    endpoint: Callable[[str, str], Endpoint]
    clock: Clock
    phases_s: dict[str, float] = field(default_factory=dict)

    def up(self, *, wait_for_models: bool | None) -> UpResult | None:
        """Return what `Deploy.up` would, where it would do nothing; None where that is not certain.

        None for `wait_for_models` is what the environment has for a default. The caller holds the lock.
        """
        wanted = self.remembered.wait_for_models if wait_for_models is None else wait_for_models
        try:
            return self._up(wanted)
        except (_OtherwiseError, ToolkitError, OSError, ValueError, LookupError):
            return None

    def _up(self, wait_for_models: bool) -> UpResult:
        with self._phase("look"):
            seen = self._look()
        with self._phase("publish"):
            self._compare_files()
        with self._phase("edge"):
            self._compare_edge()
        with self._phase("prove"):
            proven = self._prove() if wait_for_models else {}
        known, states = self.remembered, {fact.service: fact.health or fact.state for fact in seen}
        return UpResult(
            environment=known.environment,
            host=known.part,
            project=known.project,
            services=tuple(wanted.service for wanted in known.services),
            models=tuple(model.served_name for model in known.models),
            actions=(),
            written=(),
            reloaded=False,
            states=states,
            completions=proven,
            new_keys=(),
            phases_s=self.phases_s,
            pending_models=still_loading(known.model_services, states),
            endpoint=known.edge_url,
            release=self.state.release(known.part),
        )

    def _look(self) -> tuple[ContainerFact, ...]:
        deadline = Deadline.after(_LOOK_S, self.clock)
        seen = self.glance.of_project(self.remembered.project, deadline)
        images = self.glance.image_ids({one.image for one in self.remembered.services}, deadline)
        _require(self.remembered.agrees(seen, images, MADE_FROM_LABEL))
        return seen

    def _compare_files(self) -> None:
        known = self.remembered
        # An absolute path stays as it is.
        for path, digest in (*known.files.items(), *known.sources.items()):
            _require(sha256(Path(known.build_dir, path).read_bytes()).hexdigest() == digest)
        _require(is_prepared(self.state, known))

    def _compare_edge(self) -> None:
        known = self.remembered
        if known.edge_url is not None:
            deadline = Deadline.after(_LOOK_S, self.clock)
            _require(loaded_by(self.endpoint(known.edge_url, ""), deadline) == known.edge_digest)

    def _prove(self) -> Mapping[str, Completion]:
        if self.remembered.edge_url is None:
            return {}
        own = next(key for key in Keys(self.state).all() if key.name == OWN_KEY)
        key = own.file.read_text(encoding="utf-8")
        endpoint = self.endpoint(self.remembered.edge_url, key)
        # An answer that is not there at once may be worth waiting for: not here.
        deadline = Deadline.after(_PROVE_S, self.clock)
        return prove(endpoint, self.remembered.models, lambda: _require(False), deadline)

    @contextmanager
    def _phase(self, title: str) -> Iterator[None]:
        began = self.clock.monotonic()
        yield
        self.phases_s[title] = round(self.clock.monotonic() - began, 3)


def _require(holds: bool) -> None:
    if not holds:
        raise _OtherwiseError
