"""The running edge of a deploy: has it taken up what was published, and does it serve?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.clock import Clock, Deadline
from toolkit.probes.http import Answer, Completion, Endpoint
from toolkit.routines.prove import prove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from toolkit.engine.edge import EdgeAdmin
    from toolkit.planning.plan import ModelEndpoint
    from toolkit.state.keys import Keys

_LOOK_S = 5.0
_RELOAD_S = 30.0
_PROVE_S = 60.0


def loaded_by(edge: Endpoint, deadline: Deadline) -> str:
    """Return the digest of the configuration that the edge serves; "" where it does not say."""
    answer = edge.get("/healthz", deadline)
    return answer.text.strip().removeprefix("ok ") if isinstance(answer, Answer) else ""


@dataclass(frozen=True, slots=True)
class ServingEdge:
    """The edge at `url` ("" where it is not reached from here), its admin interface, and the toolkit's own key.

    `trust` is the certificate that it has over https, None without.
    """

    url: str
    admin: EdgeAdmin
    keys: Keys
    own_key: str
    restart: Callable[[], object]
    clock: Clock
    trust: Path | None = None

    def endpoint(self, key: str = "") -> Endpoint:
        """Return the edge as it is asked from here, with a key or without."""
        return Endpoint(self.url, key, trust=self.trust)

    def loaded(self) -> str:
        """Return the digest of the configuration that the edge serves; "" where it does not say."""
        deadline = Deadline.after(_LOOK_S, self.clock)
        return loaded_by(self.endpoint(), deadline) if self.url else self.admin.state(deadline).digest

    def take_up(self, digest: str) -> bool:
        """Have the edge serve the configuration of this digest; return whether that took a reload.

        Where the rendered tree was deleted under the running edge, it takes a restart.
        Raises EngineError when HAProxy refuses the file; the former configuration goes on serving.
        """
        if self.loaded() == digest and self._has_certificate():
            return False
        deadline = Deadline.after(_RELOAD_S, self.clock)
        if self.admin.sees_published(deadline):
            self.admin.reload(digest, deadline)
        else:
            self.restart()
        self._wait_certificate(deadline)
        return True

    def _has_certificate(self) -> bool:
        """Return whether it shows the certificate of the state; from elsewhere that cannot be seen."""
        if self.trust is None or not self.url:
            return True
        return bool(loaded_by(self.endpoint(), Deadline.after(_LOOK_S, self.clock)))

    def _wait_certificate(self, deadline: Deadline) -> None:
        """Wait until the new worker answers; the former one may take a last connection."""
        while not deadline.passed:
            if self._has_certificate():
                return

    def prove(self, models: Iterable[ModelEndpoint]) -> Mapping[str, Completion]:
        """Return one completion of each model through the edge. Raises ServiceFailedError."""
        deadline = Deadline.after(_PROVE_S, self.clock)
        key = next(key for key in self.keys.all() if key.name == self.own_key)
        endpoint = self.endpoint(key.file.read_text(encoding="utf-8"))
        return prove(endpoint, models, lambda: self._wait_admitted(deadline), deadline)

    def _wait_admitted(self, deadline: Deadline) -> None:
        """Return once every server is up in the edge's eyes; nothing signals that, so it is asked again."""
        while not deadline.passed:
            if all(server.up for server in self.admin.state(deadline).servers):
                return
