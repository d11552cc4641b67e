"""What HAProxy wrote of its servers → seconds in which a model had none of its own."""

from __future__ import annotations

import pytest

from toolkit.engine.edge_log import Turn, outages, ready_after, seconds, turns

# As HAProxy 3.0 writes it to its standard error, behind the stamps of an engine 20.10.
SAID = """\
2026-12-01T04:01:39.258206077Z [WARNING]  (1) : config : Server llm-general/llm-general is DOWN
2026-12-01T04:01:39.273761301Z [WARNING]  (7) : llm-general/llm-general: IP changed from '127.0.0.1'
2026-12-01T04:01:39.597840198Z [WARNING]  (7) : Server llm-general/llm-general-2 is UP, reason: Layer7 check passed.
2026-12-01T04:01:43.695605286Z [WARNING]  (7) : Server llm-general/llm-general-2 enters drain state.
2026-12-01T04:01:43.775651960Z [WARNING]  (7) : Server llm-general/llm-general is DOWN, reason: Layer4 timeout.
2026-12-01T04:01:43.775781062Z [ALERT]    (7) : proxy 'llm-general' has no server available!
2026-12-01T04:01:44.857273711Z [WARNING]  (7) : Server llm-general/llm-general-2 is UP (leaving forced drain).
"""
START = seconds("2026-12-01T04:00:00Z")
BOTH = {"general": ("a", "b")}


def test_every_turn_is_read_and_nothing_else() -> None:
    assert [(turn.server, turn.up) for turn in turns(SAID)] == [
        ("llm-general", False),
        ("llm-general-2", True),
        ("llm-general-2", False),
        ("llm-general", False),
        ("llm-general-2", True),
    ]
    assert turns(SAID)[0].at == pytest.approx(START + 99.258206)


def turn(at: float, server: str, word: str) -> Turn:
    return Turn(at, server, word == "up")


def test_an_outage_is_the_time_without_any_server() -> None:
    seen = (turn(10, "a", "down"), turn(12, "b", "down"), turn(15.5, "a", "up"), turn(20, "b", "up"))
    assert outages(seen, BOTH, 5, 30, there=True) == {"general": 3.5}
    assert outages(seen, {"general": ("a",), "fast": ("c",)}, 5, 30, there=True) == {"general": 5.5}


def test_one_that_takes_turns_has_none() -> None:
    seen = (turn(10, "a", "down"), turn(15, "a", "up"), turn(16, "b", "down"), turn(20, "b", "up"))
    assert outages(seen, BOTH, 5, 30, there=True) == {}


def test_it_counts_from_the_beginning_and_to_the_end() -> None:
    seen = (turn(2, "a", "down"), turn(3, "b", "down"))
    assert outages(seen, BOTH, 5, 30, there=True) == {"general": 25.0}
    assert outages((*seen, turn(4, "b", "up")), BOTH, 5, 30, there=True) == {}
    assert outages((*seen, turn(40, "b", "up")), BOTH, 5, 30, there=True) == {"general": 25.0}


def test_before_a_new_edge_has_said_a_word_it_had_nobody() -> None:
    assert outages((turn(12, "b", "up"),), BOTH, 5, 30, there=False) == {"general": 7.0}


def test_how_long_a_start_takes_counts_to_the_first_request() -> None:
    started = {"llm-general-2": "2026-12-01T04:01:20.5Z", "llm-general": "2026-12-01T04:01:50Z", "redis": ""}
    assert ready_after(turns(SAID), started) == {"llm-general-2": 19.1}
