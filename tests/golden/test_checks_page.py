"""docs/checks.md says what the checks say of themselves: `make golden` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.checks import all_checks
from toolkit.writers.checks_page import page

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_of_all_checks_is_current() -> None:
    text = page(all_checks())
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "`make golden` writes it anew"
