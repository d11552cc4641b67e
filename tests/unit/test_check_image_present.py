"""Images that are gone."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.image_present import image_present
from toolkit.facts import ContainerFact, ImageFact


def images(*missing: str) -> tuple[ImageFact, ...]:
    return tuple(ImageFact(one.image, one.name not in missing, 1) for one in plan().services)


def test_all_are_here() -> None:
    (found,) = ask(image_present, images=images(), containers=())
    assert found.status is Status.PASS


def test_one_is_gone() -> None:
    runs = (ContainerFact("redis", "id", "x", "running", "healthy"),)
    (warned,) = ask(image_present, images=images("redis"), containers=runs)
    (failed,) = ask(image_present, images=images("redis"), containers=())
    assert (warned.status, failed.status) == (Status.WARN, Status.FAIL)
    assert failed.remedy == "toolkit images build: it builds what is missing"
