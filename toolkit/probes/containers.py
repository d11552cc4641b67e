"""Looks at the containers, images and volumes that the engine has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.facts import ContainerFact
from toolkit.probes.engine_api import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.probes.engine_api import EngineApi

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
_ONE_OFF = "com.docker.compose.oneoff"
_NEVER = "0001-01-01"


class Containers:
    """What is there, asked anew with each call. Every method raises EngineError when the engine refuses."""

    def __init__(self, api: EngineApi) -> None:
        self._api = api

    def of_project(self, project: str) -> tuple[ContainerFact, ...]:
        """Return the containers by service name: stopped ones too, those of `compose run` not."""
        labels = [f"{PROJECT_LABEL}={project}", f"{_ONE_OFF}=False"]
        query = {"all": "true", "filters": json.dumps({"label": labels})}
        found = (self.inspect(one["Id"]) for one in self._api.get("/containers/json", query))
        return tuple(sorted((fact for fact in found if fact), key=lambda fact: fact.service))

    def inspect(self, container: str) -> ContainerFact | None:
        """Return the container of that id or name, None where there is none."""
        document = self._document(container)
        return None if document is None else container_fact(document)

    def log_tail(self, container: str, lines: int) -> tuple[str, ...]:
        """Return its last `lines` lines of stdout and stderr in the order written."""
        query = {"stdout": "true", "stderr": "true", "tail": str(lines)}
        raw = self._api.get_bytes(f"/containers/{container}/logs", query)
        return tuple(unframed(raw).decode("utf-8", "replace").splitlines()[-lines:])

    def health_log_tail(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last `lines` lines that its latest health check printed, () before the first."""
        state = (self._document(container) or {}).get("State", {})
        checks = (state.get("Health") or {}).get("Log") or []
        return tuple(checks[-1]["Output"].splitlines()[-lines:]) if checks else ()

    def image_ids(self, references: Iterable[str]) -> dict[str, str | None]:
        """Return the id of each image, None for one that is not on this machine."""
        return {reference: self._image_id(reference) for reference in dict.fromkeys(references)}

    def volume_names(self, project: str) -> frozenset[str]:
        """Return the names of the project's volumes, in full."""
        query = {"filters": json.dumps({"label": [f"{PROJECT_LABEL}={project}"]})}
        return frozenset(volume["Name"] for volume in self._api.get("/volumes", query)["Volumes"] or [])

    def port_owner(self, port: int) -> str | None:
        """Return the name of the running container that publishes this port of the host, or None."""
        owners = self._api.get("/containers/json", {"filters": json.dumps({"publish": [str(port)]})})
        return owners[0]["Names"][0].removeprefix("/") if owners else None

    def _document(self, container: str) -> dict[str, Any] | None:
        try:
            return dict(self._api.get(f"/containers/{container}/json"))
        except NotFoundError:
            return None

    def _image_id(self, reference: str) -> str | None:
        try:
            return str(self._api.get(f"/images/{reference}/json")["Id"])
        except NotFoundError:
            return None


def container_fact(document: dict[str, Any]) -> ContainerFact:
    """Return the fact in the engine's answer to `inspect`."""
    state = document["State"]
    labels = document["Config"].get("Labels") or {}
    health = (state.get("Health") or {}).get("Status", "none")
    started_at = state.get("StartedAt", "")
    return ContainerFact(
        service=labels.get(SERVICE_LABEL, ""),
        container_id=document["Id"],
        name=document["Name"].removeprefix("/"),
        state=state["Status"],
        health=None if health == "none" else health,
        exit_code=state["ExitCode"],
        oom_killed=bool(state.get("OOMKilled")),
        restart_count=document.get("RestartCount", 0),
        image_id=document["Image"],
        labels=labels,
        started_at="" if started_at.startswith(_NEVER) else started_at,
        error=state.get("Error", ""),
    )


def unframed(raw: bytes) -> bytes:
    """Return a log without the eight bytes that the engine puts before each piece where there is no tty.

    Frame: stream (0 to 2), three zero bytes, length (big endian); Docker Engine API, "attach", stream format.
    """
    pieces = []
    at = 0
    while at + 8 <= len(raw):
        if raw[at] > 2 or raw[at + 1 : at + 4] != b"\0\0\0":
            return raw
        end = at + 8 + int.from_bytes(raw[at + 4 : at + 8], "big")
        pieces.append(raw[at + 8 : end])
        at = end
    return b"".join(pieces)
