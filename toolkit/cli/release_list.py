"""The list of releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.render.changes import Change, leaf_changes
from toolkit.render.release import FAILED
from toolkit.values import as_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.planning.plan import Plan
    from toolkit.render.release import Release
    from toolkit.state.releases import Releases

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A release, whether it is the one that runs, and what differs to the one before that served."""

    release: Release
    current: bool
    changes: tuple[Change, ...]

    @property
    def state(self) -> str:
        """One word or two."""
        return "running" if self.current else self.release.verdict


def listed(releases: Releases) -> tuple[Row, ...]:
    """Return all that are kept, failed and unfinished ones too, the newest first."""
    current = releases.current
    unfinished = releases.unfinished
    every = [*releases.all(), *releases.failed(), *([unfinished] if unfinished else [])]
    rows, before = [], None  # type: list[Row], Release | None
    for one in sorted(every, key=lambda release: release.number):
        changes = () if before is None else _changes(releases, before, one)
        rows.append(Row(one, current is not None and one.number == current.number, changes))
        if one.verdict != FAILED and one is not unfinished:
            before = one
    return tuple(reversed(rows))


def _changes(releases: Releases, before: Release, one: Release) -> tuple[Change, ...]:
    images = tuple(
        Change(f"image of {name}", _image(before, name), _image(one, name))
        for name in dict.fromkeys((*before.images, *one.images))
        if _image(before, name) != _image(one, name)
        and all(image.id for image in (before.images.get(name), one.images.get(name)) if image)
    )
    old, new = releases.settings(before), releases.settings(one)
    return (*images, *(leaf_changes(old, new) if old and new else ()))


def _image(release: Release, service: str) -> str | None:
    image = release.images.get(service)
    return f"{image.reference} ({image.id.removeprefix('sha256:')[:12]})" if image else None


def releases_json(plan: Plan, rows: Iterable[Row]) -> dict[str, Any]:
    """Return the list for machines; `changes` are to the one before that served."""
    left_out = {"definitions", "reload_digests", "sources"}
    found = [
        {name: value for name, value in as_plain(row.release).items() if name not in left_out}
        | {"current": row.current, "changes": [as_plain(change) for change in row.changes]}
        for row in rows
    ]
    return {"environment": plan.environment, "project": plan.project, "releases": found}


def releases_text(plan: Plan, rows: Sequence[Row]) -> str:
    """Return the list for people."""
    if not rows:
        return f"{plan.project}: no release yet; the first `toolkit up` makes one"
    lines = [f"{plan.project}: {len(rows)} releases"]
    for row in rows:
        lines += [_head(row), *(f"         {one.path}: {_values(one)}" for one in row.changes[:_SHOWN])]
        if len(row.changes) > _SHOWN:
            lines.append(f"         and {len(row.changes) - _SHOWN} more: --output json shows all")
        if row.release.verdict == FAILED:
            why = row.release.reason.partition("\n")[0]
            place = "/".join(filter(None, ("wrecks", plan.part, str(row.release.number))))
            lines.append(f"         {why}; evidence: .toolkit/{plan.environment}/{place}")
    return "\n".join(lines)


def _head(row: Row) -> str:
    one, mark = row.release, "*" if row.current else " "
    began = one.began.replace("T", " ").removesuffix("+00:00")
    restores = f"  restores {one.restores}" if one.restores else ""
    return f"{mark} {one.number:<4} {row.state:14} {began}  {one.elapsed_s:6.1f} s  {one.who}{restores}"


def _values(change: Change) -> str:
    return f"{change.before or '(nothing)'} → {change.after or '(nothing)'}"
