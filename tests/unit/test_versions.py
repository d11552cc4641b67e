"""Versions as programs write them."""

from __future__ import annotations

import pytest

from toolkit.versions import version_of, version_text


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.26.1-4", (2, 26, 1)),
        ("v2.40.3+ds1", (2, 40, 3)),
        ("2.29", (2, 29, 0)),
        ("v5.0.0-rc.1", (5, 0, 0)),
        ("20.10.24+dfsg1", (20, 10, 24)),
        ("28.0.4-ce", (28, 0, 4)),
        ("Docker Compose version v2.26.1", (2, 26, 1)),
        ("dev", None),
        ("", None),
    ],
)
def test_version_of(text: str, version: tuple[int, int, int] | None) -> None:
    assert version_of(text) == version


def test_version_text() -> None:
    assert [version_text(v) for v in [(20, 10, 0), (2, 26, 1)]] == ["20.10", "2.26.1"]
