"""Charts are called what people call them, and every series that a watch writes down has such a name."""

from __future__ import annotations

import re
from pathlib import Path

import toolkit.routines
from toolkit.writers.chart_titles import TITLES, UNDRAWN, place


def test_every_series_of_a_watch_has_a_title_or_is_not_drawn() -> None:
    room = Path(toolkit.routines.__path__[0])
    noted = {
        name for file in room.glob("watch*.py") for name in re.findall(r'note\(\s*"(\w+)"', file.read_text())
    }
    assert noted >= {"light", "cpu"}
    assert noted <= TITLES.keys() | UNDRAWN


def test_what_users_feel_comes_first_and_what_has_no_title_last() -> None:
    assert sorted(["of_my_own", "cpu", "first_token"], key=place) == ["first_token", "cpu", "of_my_own"]
