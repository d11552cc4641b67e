"""Lends the images of this machine's engine to another one: their layers are pointed at, never copied."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.engine import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

_DRIVER = "overlay2"


def engine_root() -> Path:
    """Return where this machine's engine keeps its images, which are lent from there."""
    driver, root = docker("info", "--format", "{{.Driver}} {{.DockerRootDir}}").split()
    assert driver == _DRIVER, (
        f"the engine keeps its images with {driver}; only those of {_DRIVER} can be lent"
    )
    return Path(root)


def lend_images(lender: Path, borrower: Path) -> None:
    """Fill the data root `borrower` with every image that has a name in the data root `lender`.

    What describes them is copied, a few small files each. A layer's files never change once it is complete:
    a link leads to them, so that 4 GB of images are there in a tenth of a second.
    """
    _Loan(lender, borrower).all_images()


class _Loan:
    def __init__(self, lender: Path, borrower: Path) -> None:
        self._from, self._to = lender / "image" / _DRIVER, borrower / "image" / _DRIVER
        self._layers_from, self._layers_to = lender / _DRIVER, borrower / _DRIVER

    def all_images(self) -> None:
        (self._layers_to / "l").mkdir(parents=True)
        content = self._to / "imagedb" / "content" / "sha256"
        content.mkdir(parents=True)
        # First the names: what they name is there for as long as nobody removes an image.
        shutil.copy(self._from / "repositories.json", self._to)
        names = json.loads((self._to / "repositories.json").read_text())["Repositories"]
        images = {image.removeprefix("sha256:") for tags in names.values() for image in tags.values()}
        for image in images:
            shutil.copy(self._from / "imagedb" / "content" / "sha256" / image, content)
        for layer in {layer for image in images for layer in _chain(content / image)}:
            self._layer(layer)

    def _layer(self, layer: str) -> None:
        place = Path("layerdb") / "sha256" / layer
        shutil.copytree(self._from / place, self._to / place)
        name = (self._to / place / "cache-id").read_text()
        files, mine = self._layers_from / name, self._layers_to / name
        (mine / "work").mkdir(parents=True)
        for file in ("link", "lower", "committed"):
            if (files / file).exists():
                shutil.copy(files / file, mine)
        (mine / "diff").symlink_to(files / "diff")
        (self._layers_to / "l" / (files / "link").read_text()).symlink_to(f"../{name}/diff")


def _chain(image: Path) -> Iterator[str]:
    """Yield the names of an image's layers: each one's hash covers all below it (OCI image specification)."""
    own = json.loads(image.read_text())["rootfs"]["diff_ids"]
    for chain in accumulate(own, lambda below, one: f"sha256:{_sha256(f'{below} {one}')}"):
        yield chain.removeprefix("sha256:")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
