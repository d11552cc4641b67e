"""disk.models: room for what comes from the Hub."""

from __future__ import annotations

import pytest

from tests.support.findings import ask, disk, model
from tests.support.plans import plan
from toolkit.checking import Finding, Status
from toolkit.checks.disk_models import disk_models
from toolkit.facts import HubFact, ImageFact

GPU = plan(machine="rtx-5090", environment="production")
VLLM = (ImageFact("vllm/vllm-openai:v0.32.0", False, 0),)


def found(free_mib: int, hub: tuple[HubFact, ...], images: tuple[ImageFact, ...] = ()) -> tuple[Finding, ...]:
    disks = (disk("images", free_mib), disk("models", free_mib))
    return ask(disk_models, GPU, disks=disks, images=images, hub=hub)


@pytest.mark.parametrize(("free_mib", "status"), [(1024, Status.PASS), (1023, Status.FAIL)])
def test_the_files_of_the_repository_count(free_mib: int, status: Status) -> None:
    (one,) = found(free_mib, (model(size_bytes=2**30),))
    assert one.status is status


def test_images_on_the_same_disk_count_too() -> None:
    (one,) = found(20_000, (model(size_bytes=2**30),), VLLM)
    assert one.status is Status.FAIL
    assert one.expected == "28.3 GiB for models to be fetched, and for images on the same disk"


def test_where_the_hub_is_silent_the_catalogue_knows_the_weights() -> None:
    silent = HubFact("Qwen/Qwen3-8B-AWQ", 0, "", "it does not answer", None, "", False, True)
    (one,) = found(1024, (silent,))
    assert one.status is Status.FAIL


def test_an_unknown_size_is_a_warning() -> None:
    (one,) = found(1024, (model(size_bytes=None),))
    assert (one.status, one.cause) == (Status.WARN, "nobody knows the size of meta/big")


def test_nothing_to_fetch_is_nothing_to_say() -> None:
    assert found(1, ()) == ()
