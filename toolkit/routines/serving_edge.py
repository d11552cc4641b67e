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
    """The edge at `url` ("" where it is not reached from here), its admin interface, and the toolkit's own key."""

    url: str
    admin: EdgeAdmin
    keys: Keys
    own_key: str
    restart: Callable[[], object]
    clock: Clock

    def loaded(self) -> str:
        """Return the digest of the configuration that the edge serves; "" where it does not say."""
        deadline = Deadline.after(_LOOK_S, self.clock)
        return loaded_by(Endpoint(self.url), deadline) if self.url else self.admin.state(deadline).digest

    def take_up(self, digest: str) -> bool:
        """Have the edge serve the configuration of this digest; return whether that took a reload.

        Where the rendered tree was deleted under the running edge, it takes a restart.
        Raises EngineError when HAProxy refuses the file; the former configuration goes on serving.
        """
        if self.loaded() == digest:
            return False
        deadline = Deadline.after(_RELOAD_S, self.clock)
        if self.admin.sees_published(deadline):
            self.admin.reload(digest, deadline)
        else:
            self.restart()
        return True

    def prove(self, models: Iterable[ModelEndpoint]) -> Mapping[str, Completion]:
        """Return one completion of each model through the edge. Raises ServiceFailedError."""
        deadline = Deadline.after(_PROVE_S, self.clock)
        key = next(key for key in self.keys.all() if key.name == self.own_key)
        endpoint = Endpoint(self.url, key.file.read_text(encoding="utf-8"))
        return prove(endpoint, models, lambda: self._wait_admitted(deadline), deadline)

    def _wait_admitted(self, deadline: Deadline) -> None:
        """Return once every server is up in the edge's eyes; nothing signals that, so it is asked again."""
        while not deadline.passed:
            if all(server.up for server in self.admin.state(deadline).servers):
                return
