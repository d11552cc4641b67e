"""Keeps the releases of one host: numbered directories with bundle, plan and settings, and wrecks beside them."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ActionError, Problem
from toolkit.planning.plan import Plan
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.release import Release, release_from
from toolkit.state import files
from toolkit.values import Value, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from toolkit.state.directory import StateDirectory

KEPT = 10
WRECKS_KEPT = 5
BUNDLE = "bundle"
_MODE = 0o600
_RECORD, _PLAN, _SETTINGS = "release.json", "plan.json", "settings.json"


class Releases(Value):
    """The releases of one environment on one host; `part` is its name where there are several hosts, else empty.

    A release is first `begun`; when it serves it gets its number, when it fails it becomes a wreck of that number.
    Whoever changes something holds the environment's lock. Methods that write raise OSError where they cannot.
    """

    state: StateDirectory
    part: str = ""

    @property
    def root(self) -> Path:
        """The directory of the releases."""
        return self.state.releases(self.part)

    @property
    def begun(self) -> Path:
        """The directory of the one that was begun and has not come to an end."""
        return self.root / "begun"

    def wreck(self, number: int) -> Path:
        """Return the directory of the evidence of a release that failed."""
        return self.state.root / "wrecks" / self.part / str(number)

    def all(self) -> tuple[Release, ...]:
        """Return those that came to serve, the oldest first; what cannot be read is left out."""
        return _all(self.root)

    def failed(self) -> tuple[Release, ...]:
        """Return those of which there is a wreck, the oldest first."""
        return _all(self.wreck(0).parent)

    @property
    def current(self) -> Release | None:
        """The last one that came to serve."""
        return next(reversed(self.all()), None)

    @property
    def unfinished(self) -> Release | None:
        """The one that was begun and whose end nobody has seen: of this run, or of one that was killed."""
        return _read(self.begun)

    @property
    def next_number(self) -> int:
        """The number after all that were ever given and are still known of."""
        known = [one.number for one in (*self.all(), *self.failed(), self.unfinished) if one is not None]
        return max(known, default=0) + 1

    def begin(self, release: Release, plan: Plan, settings: Mapping[str, Any]) -> Path:
        """Note that this one is under way, in the place of an unfinished one; return where its files belong."""
        self.drop()
        _make(self.begun)
        (self.begun / _PLAN).write_bytes(to_json(plan, _section))
        (self.begun / _SETTINGS).write_text(json.dumps(settings, indent=1), encoding="utf-8")
        for name in (_PLAN, _SETTINGS):
            (self.begun / name).chmod(_MODE)
        _record(self.begun, release)
        return self.begun / BUNDLE

    def keep(self, release: Release) -> None:
        """Give the begun one its number, and forget the oldest ones beyond what is kept."""
        _record(self.begun, release)
        self.begun.rename(self.root / str(release.number))
        _prune(self.root, KEPT)

    def give_up(self, release: Release) -> Path:
        """Make a wreck of the begun one; return its directory, where more evidence can be put."""
        wreck = self.wreck(release.number)
        _make(wreck.parent)
        _record(self.begun, release)
        shutil.rmtree(wreck, ignore_errors=True)
        self.begun.rename(wreck)
        _prune(wreck.parent, WRECKS_KEPT)
        return wreck

    def drop(self) -> None:
        """Forget that one was begun."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.begun)
        # Where it would have been the first one nothing is left of it.
        with suppress(OSError):
            self.root.rmdir()

    def plan(self, release: Release) -> Plan:
        """Return its plan. Raises ActionError where it cannot be read."""
        path = self.root / str(release.number) / _PLAN
        try:
            return from_json(Plan, path.read_bytes())
        except (OSError, ValueError) as error:
            raise ActionError(_unreadable(release, path, error)) from error

    def bundle(self, release: Release) -> Bundle:
        """Return its bundle. Raises ActionError where a file is gone, or another than it was."""
        path = self.root / str(release.number) / BUNDLE
        try:
            texts = {name: (path / name).read_text(encoding="utf-8") for name in release.sources}
        except (OSError, ValueError) as error:
            raise ActionError(_unreadable(release, path, error)) from error
        rendered = {name: RenderedFile(texts[name], *release.sources[name]) for name in texts}
        found = Bundle(rendered, release.definitions, release.reload_digests)
        if found.digest != release.digest:
            raise ActionError(_unreadable(release, path, "its files are no longer those that were published"))
        return found

    def settings(self, release: Release) -> dict[str, Any]:
        """Return its merged settings, also of one that failed or is under way; nothing where they cannot be read."""
        places = (self.root / str(release.number), self.wreck(release.number), self.begun)
        directory = next((one for one in places if _read(one) is not None), self.begun)
        with suppress(OSError, ValueError):
            return dict(json.loads((directory / _SETTINGS).read_text(encoding="utf-8")))
        return {}


def _make(directory: Path) -> None:
    # Below the state's own directory, which is closed to others.
    for one in (directory.parent.parent, directory.parent, directory):
        one.mkdir(mode=0o700, exist_ok=True)


def _record(directory: Path, release: Release) -> None:
    files.replace(directory / _RECORD, json.dumps(release.as_json(), indent=1), _MODE)


def _read(directory: Path) -> Release | None:
    try:
        return release_from(json.loads((directory / _RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _all(root: Path) -> tuple[Release, ...]:
    return tuple(found for path in _numbered(root) if (found := _read(path)) is not None)


def _numbered(root: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        found = [path for path in root.iterdir() if path.name.isdigit()]
        return sorted(found, key=lambda path: int(path.name))
    return []


def _prune(root: Path, kept: int) -> None:
    for old in _numbered(root)[:-kept]:
        shutil.rmtree(old, ignore_errors=True)


def _unreadable(release: Release, path: Path, error: object) -> Problem:
    step = "choose another one: toolkit releases"
    return Problem(f"release {release.number}", "it cannot be read", f"{path}: {error}", step)


def _section(found: BaseModel) -> dict[str, Any]:
    """Return a section of the settings, as some templates get one, by its keys."""
    return found.model_dump()
