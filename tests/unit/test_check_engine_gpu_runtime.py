"""engine.gpu-runtime: a card handed to a container, or the list of runtimes before there is an image."""

from __future__ import annotations

import pytest

from tests.support.findings import ENGINE, ask
from toolkit.checking import Status
from toolkit.checks.engine_gpu_runtime import engine_gpu_runtime
from toolkit.facts import GpuTrialFact
from toolkit.values import replace

REFUSAL = 'could not select device driver "" with capabilities: [[gpu]]'


@pytest.mark.parametrize(
    ("refusal", "runtimes", "status", "observed"),
    [
        ("", ("runc",), Status.PASS, "a container got it"),
        (REFUSAL, ("nvidia", "runc"), Status.FAIL, "the engine refuses it"),
        (None, ("nvidia", "runc"), Status.PASS, "the engine lists the runtime nvidia"),
        (None, ("runc",), Status.WARN, "the engine lists no runtime nvidia"),
    ],
)
def test_what_was_tried_counts_more_than_what_is_listed(
    refusal: str | None, runtimes: tuple[str, ...], status: Status, observed: str
) -> None:
    engine = replace(ENGINE, runtimes=runtimes)
    (found,) = ask(engine_gpu_runtime, engine=engine, gpu_trials=(GpuTrialFact("GPU-1", refusal),))
    assert (found.subject, found.status, found.observed) == ("card GPU-1", status, observed)
    assert found.cause == (refusal or "")
    assert bool(found.remedy) == (status is not Status.PASS)


def test_without_cards_there_is_nothing_to_say() -> None:
    assert ask(engine_gpu_runtime, engine=ENGINE, gpu_trials=()) == ()
