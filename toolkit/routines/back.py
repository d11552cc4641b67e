"""Former releases as plans and bundles again: which one is meant, and whether its images are what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.render.render import COMPOSE_FILE, with_images
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.render.bundle import Bundle
    from toolkit.render.release import Release
    from toolkit.state.releases import Releases


def meant(releases: Releases, number: int | None) -> Release:
    """Return the release to go back to: the one of that number, by default the one before what runs.

    Where the last `up` was not finished, or failed and was left as it is, that is the last one that served. After a
    rollback it is the one before that which came back: each further one goes further back. Raises UsageError.
    """
    if number is not None:
        return _numbered(releases, number)
    current = releases.current
    if current is not None and _left_undone(releases, current):
        return current
    known = releases.all()
    present = next((one for one in known if current and one.number == current.restores), current)
    before = [one for one in known if present and one.number < present.number and one.restores is None]
    if present is None or not before:
        step = "toolkit releases shows which there are; the first `toolkit up` makes the first one"
        got = f"only release {present.number}" if present else "none"
        raise UsageError(Problem("rollback", "there is no release to go back to", got, step))
    return before[-1]


def _left_undone(releases: Releases, current: Release) -> bool:
    failed = next(reversed(releases.failed()), None)
    return releases.unfinished is not None or (failed is not None and failed.number > current.number)


def _numbered(releases: Releases, number: int) -> Release:
    known = {one.number: one for one in releases.all()}
    if number in known:
        return known[number]
    failed = any(one.number == number for one in releases.failed())
    what = f"release {number} failed" if failed else f"there is no release {number}"
    there = ", ".join(str(one) for one in known) or "none"
    raise UsageError(Problem("rollback", what, f"there are: {there}", "toolkit releases"))


def as_it_was(
    release: Release, plan: Plan, bundle: Bundle, now: Mapping[str, str | None]
) -> tuple[Plan, Bundle]:
    """Return plan and bundle such that each service gets the very image that it had.

    `now` gives the id that each reference has by now. Where that is another one the image goes by its id. Nothing is
    built: the sources of today are not those of the release.
    """
    moved = {
        name: image.id
        for name, image in release.images.items()
        if image.id and now.get(image.reference) != image.id
    }
    services = tuple(replace(one, image=moved.get(one.name, one.image)) for one in plan.services)
    plan = replace(plan, services=services, image_source="registry")
    if not moved:
        return plan, bundle
    compose = bundle.files[COMPOSE_FILE]
    pinned = replace(compose, text=with_images(compose.text, moved))
    return plan, replace(bundle, files={**bundle.files, COMPOSE_FILE: pinned})
