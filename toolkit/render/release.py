"""What is kept of a deployed bundle, so that it can be published again; nothing of it comes from a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.values import Value, as_plain, field, field_names

BEGUN = "begun"
SERVES = "serves"
LOADING = "models loading"
FAILED = "failed"


class UsedImage(Value):
    """The image of a service: how it was named, and the id that this name had."""

    reference: str
    id: str


class Release(Value):
    """One deploy of one host, by its number; `digest` is that of its bundle.

    `verdict` is `begun` (no end is known), `serves`, `models loading` (nobody waited for them) or `failed`, with the
    first lines of why in `reason`. `began` is ISO 8601 in UTC. `volumes` are the volumes with data that were there
    after it. `ready_s` gives for each model server the seconds from its container's start until the edge sent
    it requests, `outages_s` for each model those in which the edge had no server of its own for it. `sources` gives
    mode and source of each file.
    """

    number: int
    environment: str
    host: str
    project: str
    toolkit: str
    who: str
    began: str
    digest: str
    verdict: str = BEGUN
    reason: str = ""
    elapsed_s: float = 0.0
    restores: int | None = None
    images: Mapping[str, UsedImage] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    ready_s: Mapping[str, float] = field(default_factory=dict)
    outages_s: Mapping[str, float] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    reload_digests: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def content(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """What makes it another one: its files, and the ids of its images."""
        return self.digest, frozenset((name, image.id) for name, image in self.images.items())

    def as_json(self) -> dict[str, Any]:
        """Return it for `release_from`."""
        return as_plain(self)


def release_from(found: Mapping[str, Any]) -> Release:
    """Return what `as_json` gave; what a later toolkit has added is left out. Raises TypeError or KeyError."""
    body = {name: found[name] for name in field_names(Release) if name in found}
    images = {name: UsedImage(**image) for name, image in body["images"].items()}
    sources = {path: (mode, source) for path, (mode, source) in body["sources"].items()}
    return Release(**{**body, "images": images, "sources": sources, "volumes": tuple(body["volumes"])})
