"""What stands in the way back to a former release: looked at before anything is touched."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from toolkit.errors import Problem
from toolkit.planning.model_sources import CACHE_VOLUME

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.render.release import Release

# The part of a version up to which a data directory can be taken back, by the service: what its makers say.
_MAJORS = {
    # https://mariadb.com/kb/en/downgrading-between-major-versions-of-mariadb/: not between 11.4 and 11.8, either.
    "mariadb": re.compile(r":(\d+)\.(\d+)"),
    # PostgreSQL reads the directories of its own major version alone.
    "vector-db": re.compile(r"pg(\d+)"),
    # Nodes do not start on what a newer version wrote.
    "elasticsearch": re.compile(r":(\d+)\.(\d+)"),
    # RDB files have a version that grows with the major one.
    "redis": re.compile(r":(\d+)"),
}


def way_back_problems(
    release: Release,
    plan: Plan,
    later: Iterable[Release],
    *,
    image_ids: Mapping[str, str | None],
    secrets: Collection[str],
    volumes: Collection[str],
) -> tuple[Problem, ...]:
    """Return why `release`, whose plan is `plan`, cannot be brought back.

    `later` are those that ran after it, failed ones too; `image_ids` the ids of what is on the machine, by id;
    `secrets` are the names of those in the state, `volumes` the full names of those on the engine.
    """
    where = f"release {release.number}"
    return (
        *_images_gone(where, release, image_ids),
        *_secrets_gone(where, plan, secrets),
        *_volumes_gone(where, plan, release, volumes),
        *_data_moved_on(where, release, later),
    )


def data_volumes(plan: Plan, there: Collection[str]) -> tuple[str, ...]:
    """Return the full names of the volumes of `plan` that are `there` and hold what cannot be fetched again."""
    named = {
        f"{plan.project}_{mount.source}"
        for service in plan.services
        for mount in service.mounts
        if mount.kind == "volume" and mount.memory_bytes is None and mount.source != CACHE_VOLUME
    }
    return tuple(sorted(named & set(there)))


def _images_gone(where: str, release: Release, image_ids: Mapping[str, str | None]) -> Iterator[Problem]:
    for service, image in release.images.items():
        if image_ids.get(image.id) is None:
            yield Problem(
                where,
                f"the image of {service} is no longer on this machine",
                f"{image.reference} as {image.id}",
                "choose another release: toolkit releases\nor correct toolkit.yaml, then: toolkit up",
            )


def _secrets_gone(where: str, plan: Plan, secrets: Collection[str]) -> Iterator[Problem]:
    missing = [one.name for one in plan.secrets if one.name not in secrets]
    if missing:
        place = f".toolkit/{plan.environment}/secrets/"
        yield Problem(
            where,
            "secrets that it works with are gone; new ones would not open its data",
            f"not in {place}: {', '.join(missing)}",
            f"put the old files back into {place}",
        )


def _volumes_gone(where: str, plan: Plan, release: Release, volumes: Collection[str]) -> Iterator[Problem]:
    gone = [one for one in release.volumes if one not in volumes]
    if gone:
        yield Problem(
            where,
            "volumes with its data are gone; it would come back empty",
            ", ".join(gone),
            f"restore them, or begin anew: toolkit up --env {plan.environment}",
        )


def _data_moved_on(where: str, release: Release, later: Iterable[Release]) -> Iterator[Problem]:
    for service, image in release.images.items():
        before = _major(service, image.reference)
        newer = [
            one
            for one in later
            if before and service in one.images and _major(service, one.images[service].reference) > before
        ]
        if newer:
            yield Problem(
                where,
                f"the data of {service} may have been migrated by a newer version, which the older one cannot undo",
                f"{image.reference}; release {newer[0].number} ran {newer[0].images[service].reference}",
                f"keep the newer image of {service} and change the rest in toolkit.yaml, then: toolkit up\n"
                "or restore a backup of that data from before",
            )


def _major(service: str, reference: str) -> tuple[int, ...]:
    match = _MAJORS[service].search(reference.rpartition("/")[2]) if service in _MAJORS else None
    return tuple(int(part) for part in match.groups()) if match else ()
