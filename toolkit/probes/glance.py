"""A quick look at one project: two lists of the engine, asked through its socket without loading the SDK."""

from __future__ import annotations

import json
import re
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from toolkit.errors import EngineError, Problem
from toolkit.facts import ContainerFact
from toolkit.probes.containers import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from toolkit.probes.http import Answer, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from toolkit.clock import Deadline

_Read = TypeVar("_Read")

_UNIX = "unix://"
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)$")


class Glance:
    """What two lists tell of containers and images; every method raises EngineError without a clear answer."""

    def __init__(self, engine: Endpoint) -> None:
        self._engine = engine

    def of_project(self, project: str, deadline: Deadline) -> tuple[ContainerFact, ...]:
        """Return the project's containers by service name, as `Containers.of_project`.

        A list tells neither exit code nor restarts nor the time of the start.
        """
        labels = [f"{PROJECT_LABEL}={project}", f"{ONE_OFF_LABEL}=False"]
        query = {"all": "1", "filters": json.dumps({"label": labels})}
        found = self._list("/containers/json", query, _fact, deadline)
        return tuple(sorted(found, key=lambda fact: fact.service))

    def image_ids(self, references: Collection[str], deadline: Deadline) -> dict[str, str]:
        """Return the id of each image that is on this machine by its reference."""
        wanted = json.dumps({"reference": sorted(set(references))})
        found = self._list("/images/json", {"filters": wanted}, _names, deadline)
        return {name: identity for names in found for name, identity in names.items() if name in references}

    def _list(
        self, path: str, query: dict[str, str], read: Callable[[dict[str, Any]], _Read], deadline: Deadline
    ) -> list[_Read]:
        answer = self._engine.get(f"{path}?{urlencode(query)}", deadline)
        try:
            if isinstance(answer, Answer) and answer.status == 200:
                return [read(entry) for entry in json.loads(answer.text)]
        except (ValueError, LookupError, TypeError, AttributeError):
            pass
        raise EngineError(Problem("Docker Engine", f"gave no list at {path}", str(answer)[:200]))


def glance_at(host: str) -> Glance | None:
    """Return a look at the engine at `host`, None where that is no socket of this machine."""
    if not host.startswith(_UNIX):
        return None
    path = host.removeprefix(_UNIX)
    return Glance(Endpoint(_UNIX, connect=lambda timeout_s: _SocketConnection(path, timeout_s)))


class _SocketConnection(HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("docker", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _names(entry: dict[str, Any]) -> dict[str, str]:
    return dict.fromkeys(entry["RepoTags"] or (), entry["Id"])


def _fact(entry: dict[str, Any]) -> ContainerFact:
    health = _HEALTH.search(entry["Status"])
    labels = entry["Labels"] or {}
    return ContainerFact(
        service=labels.get(SERVICE_LABEL, ""),
        container_id=entry["Id"],
        name=entry["Names"][0].removeprefix("/"),
        state=entry["State"],
        health=health[1] if health else None,
        image_id=entry["ImageID"],
        labels=labels,
    )
