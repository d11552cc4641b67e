"""An engine in memory behind both of its doors: what docker is told to do, and what its API is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from toolkit.engine.runner import Completed, Stdin
from toolkit.errors import Problem
from toolkit.probes.engine_api import NotFoundError

if TYPE_CHECKING:
    from toolkit.clock import Deadline

HEALTHY: Mapping[str, Any] = {"Status": "running", "Health": {"Status": "healthy"}}
STARTING: Mapping[str, Any] = {"Status": "running", "Health": {"Status": "starting"}}
STOPPED: Mapping[str, Any] = {"Status": "exited"}
Left = tuple[int, str, str]


class FakeEngine:
    """Containers by service, images and volumes.

    `fates` says what becomes of a service once it was started: the engine's next state of it, None for none.
    `refusals` answers a command that contains the key; `said` holds every command, without its options.
    """

    def __init__(self) -> None:
        self.boxes: dict[str, dict[str, Any]] = {}
        self.images: set[str] = set()
        self.volume_names: set[str] = set()
        self.fates: dict[str, Mapping[str, Any] | None] = {}
        self.logs_of: dict[str, str] = {}
        self.errors_of: dict[str, str] = {}
        self.refusals: dict[str, Left] = {}
        self.said: list[str] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,  # noqa: ARG002
        env: Mapping[str, str] | None = None,  # noqa: ARG002
        deadline: Deadline | None = None,  # noqa: ARG002
        stdin: Stdin = None,  # noqa: ARG002
        on_line: Callable[[str], None] | None = None,  # noqa: ARG002
    ) -> Completed:
        words = list(argv)
        file = Path(words[words.index("--file") + 1]) if "--file" in words else None
        verb = words[words.index("--file") + 2 :] if file else words[1:]
        spoken = " ".join(word for word in verb if not word.startswith("-"))
        self.said.append(spoken)
        refusal = next((left for key, left in self.refusals.items() if key in spoken), None)
        left = refusal or self._obey(verb, file)
        return Completed(tuple(argv), *left, elapsed_s=0.0)

    def _obey(self, verb: list[str], file: Path | None) -> Left:
        if file is not None:
            self._compose(verb, yaml.safe_load(file.read_text()))
        elif verb[0] == "version":
            return 0, '{"Server": {"Version": "20.10.24", "ApiVersion": "1.41", "Arch": "amd64"}}', ""
        elif verb[:2] == ["compose", "version"]:
            return 0, "2.26.1\n", ""
        elif verb[:2] == ["image", "inspect"] and verb[-1] not in self.images:
            return 1, "", f"Error: No such image: {verb[-1]}"
        elif verb[0] == "pull":
            self.images.add(verb[1])
        return 0, "", ""

    def _compose(self, verb: list[str], project: dict[str, Any]) -> None:
        named = [word for word in verb[1:] if word in project["services"]]
        if verb[0] == "down":
            self.boxes.clear()
            self.volume_names -= self.volume_names if "--volumes" in verb else set()
        elif verb[0] == "up":
            if not named:
                self.boxes = {name: box for name, box in self.boxes.items() if name in project["services"]}
            for name in named or project["services"]:
                self._start(name, project)
        elif verb[0] in {"restart", "stop"}:
            after = STARTING if verb[0] == "restart" else STOPPED
            for name in named:
                self.boxes[name]["State"] = {**after, "ExitCode": 0}

    def _start(self, service: str, project: dict[str, Any]) -> None:
        body = project["services"][service]
        labels = {**body["labels"], "com.docker.compose.service": service}
        before = self.boxes.get(service)
        if before and before["Config"]["Labels"] == labels and before["State"]["Status"] == "running":
            return
        self.volume_names |= {
            f"{project['name']}_{m['source']}" for m in body.get("volumes", ()) if m["type"] == "volume"
        }
        self.boxes[service] = {
            "Id": f"id-{service}",
            "Name": f"/{project['name']}-{service}-1",
            "RestartCount": 0,
            "Image": f"sha256:{body['image']}",
            "Config": {"Labels": labels},
            "State": {**STARTING, "ExitCode": 0},
        }

    def info(self) -> dict[str, Any]:
        return {
            "MemTotal": 24 * 2**30,
            "NCPU": 2,
            "DockerRootDir": "/",
            "SystemTime": "2026-01-01T00:00:00.5Z",
        }

    def containers(self, filters: Mapping[str, Any], *, stopped: bool) -> list[dict[str, Any]]:
        if "publish" in filters:
            return []
        return [{"Id": box["Id"]} for box in self.boxes.values() if stopped]

    def container(self, name: str) -> dict[str, Any]:
        return self._known({box["Id"]: box for box in self.boxes.values()}, name)

    def logs(self, container: str, tail: int) -> bytes:
        lines = self.logs_of.get(container.removeprefix("id-"), "").splitlines(keepends=True)
        return "".join(lines[-tail:]).encode()

    def stats(self, container: str) -> dict[str, Any]:  # noqa: ARG002
        return {"memory_stats": {"usage": 100 * 2**20}, "pids_stats": {"current": 3}}

    def errors(self, container: str) -> bytes:
        return self.errors_of.get(container.removeprefix("id-"), "").encode()

    def image(self, reference: str) -> dict[str, Any]:
        return self._known({one: {"Id": f"sha256:{one}"} for one in self.images}, reference)

    def volumes(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: ARG002 - one project only
        return [{"Name": name} for name in sorted(self.volume_names)]

    @contextmanager
    def events(self, filters: Mapping[str, Any], deadline: Deadline) -> Iterator[Iterator[Any]]:  # noqa: ARG002
        yield self._becoming()

    def _becoming(self) -> Iterator[Any]:
        """Let every service that starts meet its fate, one event each."""
        for service, box in list(self.boxes.items()):
            fate = self.fates.get(service, HEALTHY)
            if box["State"].get("Health") == STARTING["Health"] and fate is not None:
                box["State"] = {"ExitCode": 0, **fate}
                action = "die" if "ExitCode" in fate else "health_status"
                yield {"Action": action, "Actor": {"ID": box["Id"], "Attributes": {}}}

    @staticmethod
    def _known(known: Mapping[str, Any], name: str) -> dict[str, Any]:
        if name not in known:
            raise NotFoundError(Problem("Docker Engine", "the engine refused with status 404", name))
        return dict(known[name])
