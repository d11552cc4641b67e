"""Errors: of the watch's own requests, of a single model, of all that the edge had."""

from __future__ import annotations

from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_errors import watch_errors

OWN, ALL = "the watch's requests", "all requests at the edge"


def test_one_and_a_half_percent_are_too_many_and_half_a_percent_is_not() -> None:
    bad = series("asked", "edge", [1.0] * 15 + [0.0] * 985)
    found = watched(watch_errors, bad)[OWN]
    assert (str(found.status), found.observed[:33]) == ("fail", "15 of 1000 fail, 1.5 % (0.9 % to ")
    good = series("asked", "edge", [1.0] * 5 + [0.0] * 995)
    assert statuses(watched(watch_errors, good)) == {OWN: "pass"}


def test_a_model_that_fails_is_named() -> None:
    seen = series("asked", "edge", [0.0] * 1000), series("asked", "fast", [1.0] * 8)
    assert statuses(watched(watch_errors, *seen)) == {OWN: "pass", "fast": "fail"}


def test_what_the_edge_counts_of_others() -> None:
    own = series("asked", "edge", [0.0] * 1000)
    counted = [series("requests", "edge", [1000.0, 4000.0]), series("failures", "edge", [3.0, 93.0])]
    assert statuses(watched(watch_errors, own, *counted)) == {OWN: "pass", ALL: "fail"}
    few = [series("requests", "edge", [0.0, 50.0]), series("failures", "edge", [0.0, 0.0])]
    assert statuses(watched(watch_errors, own, *few)) == {OWN: "pass", ALL: "skip"}


def test_a_watch_without_a_request_is_none() -> None:
    assert statuses(watched(watch_errors)) == {OWN: "error"}
