"""What stands against what would be rendered, service by service and with the cause; nothing is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from toolkit.render.bundle import HASH_LABEL
from toolkit.render.changes import Change, FileChange, file_changes, leaf_changes, without_hash
from toolkit.render.render import COMPOSE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.facts import ContainerFact
    from toolkit.planning.reconcile import Action
    from toolkit.render.bundle import Bundle


@dataclass(frozen=True, slots=True)
class ServiceDifference:
    """One service that differs: what `up` would do to it and why, and what exactly is another.

    Without a trace of how the container was made `changes` and `files` stay empty, and `cause` says all that is known.
    """

    service: str
    kind: str
    cause: str
    changes: tuple[Change, ...]
    files: tuple[FileChange, ...]


def against_running(
    actions: Iterable[Action], seen: Iterable[ContainerFact], bundle: Bundle, build_dir: Path
) -> tuple[ServiceDifference, ...]:
    """Return a difference for each action; how a container was made is read from what was published then."""
    labels = {fact.service: fact.labels.get(HASH_LABEL, "") for fact in seen}
    published, wanted = _services(_read(build_dir / COMPOSE_FILE)), _services(bundle.files[COMPOSE_FILE].text)
    found = []
    for action in actions:
        before, after = published.get(action.service, {}), wanted.get(action.service, {})
        # Another render may have gone over the file since.
        known = before.get("labels", {}).get(HASH_LABEL) == labels.get(action.service)
        changes = leaf_changes(before, after) if known and action.kind == "recreate" else ()
        files = (
            file_changes(_published(before, build_dir), _rendered(after, bundle)) if changes or known else ()
        )
        found.append(ServiceDifference(action.service, action.kind, action.cause, changes, files))
    return tuple(found)


def reloads(bundle: Bundle, build_dir: Path, loaded: Mapping[str, str]) -> tuple[ServiceDifference, ...]:
    """Return a difference for each service that would be reloaded; `loaded` are the digests of the running ones."""
    found = []
    for service, digest in bundle.reload_digests.items():
        if service in loaded and loaded[service] != digest:
            now = {path: file.text for path, file in bundle.files.items() if path.startswith(f"{service}/")}
            before = {path: _read(build_dir / path) for path in now}
            cause = "its configuration changed"
            found.append(ServiceDifference(service, "reload", cause, (), file_changes(before, now)))
    return tuple(found)


def between(one: Bundle, other: Bundle, names: tuple[str, str]) -> tuple[ServiceDifference, ...]:
    """Return what differs from one environment to another, both as rendered; `names` are theirs."""
    before, after = (
        _services(bundle.files[COMPOSE_FILE].text.replace(f"/.toolkit/{name}/", "/.toolkit/<environment>/"))
        for bundle, name in zip((one, other), names, strict=True)
    )
    found = []
    for service in dict.fromkeys((*before, *after)):
        changes = leaf_changes(before.get(service, {}), after.get(service, {}))
        files = file_changes(
            _rendered(before.get(service, {}), one), _rendered(after.get(service, {}), other)
        )
        if service not in before or service not in after:
            only = names[1] if service not in before else names[0]
            found.append(ServiceDifference(service, "only", f"only in {only}", (), ()))
        elif changes or files:
            found.append(ServiceDifference(service, "differs", "", changes, files))
    return tuple(found)


def _services(text: str) -> dict[str, Any]:
    read = yaml.load(text, Loader=yaml.CSafeLoader) if text else None
    return dict(read["services"]) if read else {}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _directories(body: Mapping[str, Any]) -> list[str]:
    """Return the directories of the bundle that a service mounts."""
    sources = (entry.get("source", "") for entry in body.get("volumes", ()) if isinstance(entry, Mapping))
    return [source.removeprefix("./") for source in sources if source.startswith("./")]


def _published(body: Mapping[str, Any], build_dir: Path) -> dict[str, str]:
    return {
        without_hash(f"./{directory}/{file.name}"): _read(file)
        for directory in _directories(body)
        for file in sorted((build_dir / directory).glob("*"))
    }


def _rendered(body: Mapping[str, Any], bundle: Bundle) -> dict[str, str]:
    return {
        without_hash(f"./{path}"): file.text
        for directory in _directories(body)
        for path, file in bundle.files.items()
        if path.startswith(f"{directory}/")
    }
