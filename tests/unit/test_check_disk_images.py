"""disk.images: room for what has to be pulled or built."""

from __future__ import annotations

import pytest

from tests.support.findings import ask, disk
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.disk_images import disk_images
from toolkit.facts import ImageFact

GPU = plan(machine="rtx-5090", environment="production")


def images(*missing: str) -> tuple[ImageFact, ...]:
    names = dict.fromkeys(service.image for service in GPU.services)
    return tuple(ImageFact(name, not any(m in name for m in missing), 1) for name in names)


@pytest.mark.parametrize(
    ("free_mib", "missing", "status"),
    [(30_000, ("vllm",), Status.PASS), (20_000, ("vllm",), Status.FAIL), (100, (), Status.PASS)],
)
def test_only_what_is_missing_counts(free_mib: int, missing: tuple[str, ...], status: Status) -> None:
    (found,) = ask(disk_images, GPU, disks=(disk("images", free_mib),), images=images(*missing))
    assert found.status is status


def test_an_impossible_download_shows_the_sum() -> None:
    (found,) = ask(disk_images, GPU, disks=(disk("images", 1024),), images=images("vllm", "redis"))
    assert (found.subject, found.observed) == ("/images", "1.0 GiB free")
    assert found.expected == "27.5 GiB for images that are not here yet"
    assert found.remedy.startswith("`docker image prune --all`")
