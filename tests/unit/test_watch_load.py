"""The load of a watch: what it writes down of answers, of failures, and of what is never answered."""

from __future__ import annotations

import threading
import time
from functools import partial

from tests.support.paced_server import paced_server
from tests.support.plans import plan
from tests.support.ports import free_port
from toolkit.clock import SYSTEM_CLOCK
from toolkit.facts import Series
from toolkit.load.sample import Sample
from toolkit.routines.recording import Recorder
from toolkit.routines.watch import Watching, watch
from toolkit.routines.watch_load import WatchLoad, _note_light, _note_stream

MODEL = plan().models[0]


def noted(series: tuple[Series, ...]) -> dict[tuple[str, str], list[float | None]]:
    return {(one.name, one.subject): [value for _, value in one.points] for one in series}


def taken(note: object, sample: Sample) -> dict[tuple[str, str], list[float | None]]:
    recorder = Recorder(SYSTEM_CLOCK)
    watching = Watching(recorder, 8.0, threading.Event())
    if note is _note_stream:
        _note_stream(watching, "fast", sample)
    else:
        _note_light(watching, sample)
    return noted(recorder.series())


def test_streams() -> None:
    good = taken(_note_stream, Sample(1.0, 1.0, 1.4, 200, "", (1.1, 1.2, 1.3), 3))
    assert good["asked", "fast"] == [0.0]
    assert [round(value or 0, 3) for value in good["first_token", "fast"]] == [0.1]
    assert [round(value or 0, 3) for value in good["rate", "fast"]] == [10.0]
    refused = taken(_note_stream, Sample(1.0, 1.0, 1.4, 503, "http-503"))
    assert refused == {("asked", "fast"): [1.0]}


def test_what_is_never_answered_took_at_least_so_long() -> None:
    hung = taken(_note_stream, Sample(1.0, 1.0, 7.0, 0, "unanswered"))
    assert hung == {("asked", "fast"): [1.0], ("first_token", "fast"): [6.0]}


def test_light_requests_and_hits() -> None:
    hit = taken(_note_light, Sample(0.0, 0.0, 0.004, 200, headers={"x-cache": "HIT"}))
    assert hit == {("asked", "edge"): [0.0], ("light", "edge"): [0.004], ("hit", "response-cache"): [1.0]}
    miss = taken(_note_light, Sample(0.0, 0.0, 0.004, 200, headers={"x-cache": "MISS"}))
    assert miss["hit", "response-cache"] == [0.0]
    assert taken(_note_light, Sample(0.0, 0.0, 0.1, 401, "http-401")) == {("asked", "edge"): [1.0]}


def test_a_watch_of_a_server_that_answers() -> None:
    with paced_server() as url:
        load = WatchLoad(url, "sk-any")
        parts = {"streams": partial(load.stream, MODEL), "light": partial(load.light, MODEL, True)}
        found = noted(watch(parts, 2.2, SYSTEM_CLOCK))
    assert len(found["first_token", MODEL.served_name]) >= 1
    assert len(found["light", "edge"]) >= 10
    (share,) = found["client_cpu", "toolkit"]
    assert 0 < (share or 0) < 2


def test_a_watch_where_nobody_is_ends_in_time_and_says_so() -> None:
    load = WatchLoad(f"http://127.0.0.1:{free_port()}", "sk-any")
    began = time.monotonic()
    found = noted(watch({"light": partial(load.light, MODEL, False)}, 1.2, SYSTEM_CLOCK))
    assert time.monotonic() - began < 6
    assert set(found["asked", "edge"]) == {1.0}
