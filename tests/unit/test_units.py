"""Amounts with units: what is read, what is refused, and that writing and reading agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.units import MIB, config_size, format_bytes, format_seconds, parse_bytes, parse_seconds

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("512MiB", 512 * MIB),
        ("512 MB", 512 * MIB),
        ("512m", 512 * MIB),
        ("1.5GiB", 1536 * MIB),
        ("2g", 2 * GIB),
        ("0.5K", 512),
        ("3TiB", 3 * 1024 * GIB),
        ("17B", 17),
        ("  64M ", 64 * MIB),
    ],
)
def test_bytes_are_read_with_powers_of_1024(text: str, amount: int) -> None:
    assert parse_bytes(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "1.5",
        "1024",
        "",
        "GiB",
        "-1M",
        "1e3M",
        "12Q",
        "1.5.1G",
        "1,5G",
        "1 GiB 2",
        "1_0M",
        "٣M",
        "1\N{KELVIN SIGN}",
    ],
)
def test_an_amount_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an amount of memory with its unit, such as 512MiB or 2GiB$"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1536 * MIB, "1536MiB"),
        (2 * GIB, "2GiB"),
        (1024, "1KiB"),
        (1000, "1000B"),
        (0, "0B"),
        (1024**5, "1024TiB"),
    ],
)
def test_bytes_are_written_in_the_largest_exact_unit(amount: int, text: str) -> None:
    assert format_bytes(amount) == text


@given(st.integers(min_value=0, max_value=2**70))
def test_bytes_survive_writing_and_reading(amount: int) -> None:
    assert parse_bytes(format_bytes(amount)) == amount


@given(st.integers(min_value=1, max_value=2**40))
def test_servers_get_whole_kibibytes_as_k_m_or_g(kibibytes: int) -> None:
    text = config_size(kibibytes * 1024)

    assert "i" not in text
    assert "B" not in text
    assert parse_bytes(text) == kibibytes * 1024


def test_servers_get_plain_bytes_as_a_bare_number() -> None:
    assert (config_size(1000), config_size(64 * MIB)) == ("1000", "64M")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90.0), ("1.5m", 90.0), ("2h", 7200.0), ("500ms", 0.5), (" 5 s ", 5.0)]
)
def test_seconds_are_read(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["90", "", "5d", "s", "-1s", "1:30", "1m30s", "5S", "٣s"])
def test_a_length_of_time_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a length of time with its unit, such as 30s or 5m$"):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(90.0, "90s"), (3600.0, "1h"), (5400.0, "90m"), (0.5, "500ms"), (1.25, "1250ms"), (60.0, "1m")],
)
def test_seconds_are_written_in_the_largest_exact_unit(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@given(st.integers(min_value=1, max_value=10**9))
def test_milliseconds_survive_writing_and_reading(milliseconds: int) -> None:
    assert round(parse_seconds(format_seconds(milliseconds / 1000)) * 1000) == milliseconds
