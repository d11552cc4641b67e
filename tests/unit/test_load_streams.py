"""The load against a server whose times are known: what it finds is what was there."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from tests.support.load_truth import deviations, measured, programme, really
from tests.support.paced_server import paced_server
from tests.support.ports import free_port
from toolkit.load.sample import Measured, Sample
from toolkit.load.streams import Ask, Load, run_load


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with paced_server() as at:
        yield at


def asks(**paced: object) -> Iterator[Ask]:
    return itertools.repeat(Ask(body={"stream": True, "paced": {"warm": True, **paced}}))


def test_what_sixteen_streams_find_is_what_the_server_did(url: str) -> None:
    requests, told = programme(48, 3)
    found = measured(url, 16, requests)
    assert found.errors == told.errors == {"http-503": 2, "cut": 2, "http-429": 1}
    assert len(found.answered) == 43
    assert 0 < found.client_cpu < 1
    # How near it comes on a machine that has nothing else to do is in docs/proof/load.md; here others work, too.
    off = deviations(really(url, told), found)
    assert {name: share for name, share in off.items() if name.endswith("p50") and abs(share) > 0.25} == {}
    assert found.tokens_per_s == pytest.approx(43 * 3 / found.elapsed_s)


def test_an_open_loop_counts_from_when_a_request_was_due(url: str) -> None:
    # One user at a time, 20 requests a second, each takes 100 ms: each waits 50 ms longer than the one before.
    load = Load(url, "", asks(first_s=0.1), streams=1, requests=8, rate_per_s=20)
    found = run_load(load)
    late = [(sample.first_token_s or 0) - 0.1 - 0.05 * n for n, sample in enumerate(found.samples)]
    # Another program may come between, which only makes it later.
    assert min(late) > -0.005
    assert max(late) < 1.0
    closed = run_load(Load(url, "", asks(first_s=0.1), streams=1, requests=8))
    assert closed.first_tokens_s[3] < 0.4


def test_random_arrivals_come_at_the_rate(url: str) -> None:
    load = Load(url, "", asks(), streams=16, requests=100, rate_per_s=200, poisson=True)
    found = run_load(load)
    assert found.samples[-1].intended_s == pytest.approx(0.5, rel=0.4)
    apart = {round(b.intended_s - a.intended_s, 4) for a, b in itertools.pairwise(found.samples)}
    assert len(apart) > 30


def test_it_ends_in_time_and_names_what_was_never_answered(url: str) -> None:
    began = time.monotonic()
    load = Load(url, "", asks(first_s=30.0), streams=4, duration_s=1.0, late_s=0.2)
    assert run_load(load).errors == {"unanswered": 4}
    assert time.monotonic() - began < 6
    load = Load(url, "", asks(first_s=30.0), streams=4, duration_s=0.5, late_s=5)
    assert run_load(load).samples == ()


def test_it_ends_when_it_is_told_to(url: str) -> None:
    seen: list[Sample] = []
    load = Load(url, "", asks(first_s=0.02), duration_s=60)
    run_load(load, seen.append, lambda: len(seen) >= 5)
    assert 5 <= len(seen) < 30


def test_warm_up_does_not_count(url: str) -> None:
    slow = [Ask(body={"stream": True, "paced": {"first_s": 1.5, "warm": True}})] * 2
    load = Load(url, "", itertools.chain(slow, asks(first_s=0.01)), requests=3, warm_up=2)
    found = run_load(load)
    assert len(found.samples) == 3
    assert max(found.first_tokens_s) < 1.2


def test_nobody_there_is_a_class_of_its_own(url: str) -> None:
    assert run_load(Load(f"http://127.0.0.1:{free_port()}", "", asks(), requests=1)).errors == {"connect": 1}
    load = Load(url, "", asks(first_s=5.0), requests=1, timeout_s=0.2)
    assert run_load(load).errors == {"timeout": 1}


@pytest.mark.parametrize(
    ("more", "words"), [({}, "without an end"), ({"requests": 1, "streams": 65}, "1 to 64 streams")]
)
def test_a_load_that_is_none_is_refused(more: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Load("http://127.0.0.1:1", "", asks(), streams=more.get("streams", 1), requests=more.get("requests"))


def test_a_client_at_its_limit_has_measured_itself() -> None:
    assert not Measured((), 1.0, 0.81).trustworthy
    assert Measured((), 1.0, 0.79).trustworthy


def test_figures_leave_out_what_was_not_seen() -> None:
    none = Measured((Sample(0, 0, 1, error="connect"),), 2.0).figures()
    assert (none["errors"], none["requests_per_s"]) == (1.0, 0.0)
    assert "first_token_p95_s" not in none
    one = Measured((Sample(0, 0.1, 1, 200, "", (0.2, 0.3, 0.5), 3),), 2.0)
    assert one.figures()["first_token_p50_s"] == 0.2
    assert one.figures()["gap_mean_s"] == pytest.approx(0.15)
    assert one.stream_rates == pytest.approx((2 / 0.3,))
