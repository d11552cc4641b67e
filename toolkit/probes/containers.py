"""Looks at the containers, images and volumes that the engine has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.facts import ContainerFact
from toolkit.probes.container_detail import detail_of
from toolkit.probes.engine_api import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.probes.engine_api import EngineApi

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
ONE_OFF_LABEL = "com.docker.compose.oneoff"
MADE_FROM_LABEL = "com.docker.compose.project.working_dir"
_NEVER = "0001-01-01"


class Containers:
    """What is there, asked anew with each call. Every method raises EngineError when the engine refuses."""

    def __init__(self, api: EngineApi) -> None:
        self._api = api

    def of_project(self, project: str) -> tuple[ContainerFact, ...]:
        """Return the containers by service name: stopped ones too, those of `compose run` not."""
        filters = {"label": [f"{PROJECT_LABEL}={project}", f"{ONE_OFF_LABEL}=False"]}
        found = (self.inspect(one["Id"]) for one in self._api.containers(filters, stopped=True))
        return tuple(sorted((fact for fact in found if fact), key=lambda fact: fact.service))

    def inspect(self, container: str) -> ContainerFact | None:
        """Return the container of that id or name, None where there is none."""
        document = self._document(container)
        return None if document is None else container_fact(document)

    def log_tail(self, container: str, lines: int) -> tuple[str, ...]:
        """Return its last `lines` lines of stdout and stderr in the order written."""
        return tuple(self._api.logs(container, lines).decode("utf-8", "replace").splitlines()[-lines:])

    def health_log_tail(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last `lines` lines that its latest health check printed, () before the first."""
        state = (self._document(container) or {}).get("State", {})
        checks = (state.get("Health") or {}).get("Log") or []
        return tuple(checks[-1]["Output"].splitlines()[-lines:]) if checks else ()

    def errors(self, container: str) -> str:
        """Return all that it wrote to its standard error, each line behind its time (RFC 3339, UTC)."""
        return self._api.errors(container).decode("utf-8", "replace")

    def document(self, container: str) -> dict[str, Any]:
        """Return all that the engine tells of a container, nothing where there is none."""
        return self._document(container) or {}

    def image_ids(self, references: Iterable[str]) -> dict[str, str | None]:
        """Return the id of each image, None for one that is not on this machine."""
        return {reference: self._image_id(reference) for reference in dict.fromkeys(references)}

    def volume_names(self, project: str) -> frozenset[str]:
        """Return the names of the project's volumes, in full."""
        found = self._api.volumes({"label": [f"{PROJECT_LABEL}={project}"]})
        return frozenset(volume["Name"] for volume in found)

    def port_owner(self, port: int) -> str | None:
        """Return the name of the running container that publishes this port of the host, else None."""
        owners = self._api.containers({"publish": [str(port)]}, stopped=False)
        return owners[0]["Names"][0].removeprefix("/") if owners else None

    def _document(self, container: str) -> dict[str, Any] | None:
        try:
            return self._api.container(container)
        except NotFoundError:
            return None

    def _image_id(self, reference: str) -> str | None:
        try:
            return str(self._api.image(reference)["Id"])
        except NotFoundError:
            return None


def container_fact(document: dict[str, Any]) -> ContainerFact:
    """Return the fact in the engine's answer to `inspect`."""
    state = document["State"]
    labels = document["Config"].get("Labels") or {}
    health = (state.get("Health") or {}).get("Status", "none")
    started_at, finished_at = state.get("StartedAt", ""), state.get("FinishedAt", "")
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
        finished_at="" if finished_at.startswith(_NEVER) else finished_at,
        **detail_of(document),
    )
