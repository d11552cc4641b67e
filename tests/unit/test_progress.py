"""Progress on standard error: lines for logs, a table for a terminal, silence where it is asked for."""

from __future__ import annotations

import re

import pytest

from toolkit.cli.options import Common
from toolkit.cli.progress import Lines, LiveTable, Silent, progress_for
from toolkit.routines.progress import Waiting

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def untimed(text: str) -> list[str]:
    return [re.sub(r"^ *\d+\.\ds  ", "", line) for line in text.splitlines()]


def tell(progress: Silent) -> None:
    with progress.phase("engine"):
        progress.service("redis", "starting")
        progress.service("redis", "starting")
        progress.line("Container redis Started")
        progress.note("building, once")
        progress.service("redis", "healthy")


def test_lines_tell_each_change_once_with_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Lines(verbose=False))

    out, err = capsys.readouterr()
    assert out == ""
    assert untimed(err) == ["redis: starting", "building, once", "redis: healthy"]
    assert re.match(r"   0\.\ds  redis: starting\n", err)


def test_verbose_lines_tell_steps_and_what_programs_say(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Lines(verbose=True))

    assert untimed(capsys.readouterr().err) == [
        "== engine",
        "redis: starting",
        "   Container redis Started",
        "building, once",
        "redis: healthy",
    ]


WAITS = (Waiting("llm-general", 21.4, 270, slowest=True), Waiting("llm-fast", 21.4, 540, slowest=False))
SAID = "\x1b[32mINFO\x1b[0m  Loading   safetensors: 40%"


def test_lines_tell_what_is_waited_for_and_what_the_slowest_said(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(verbose=False).waiting(WAITS, SAID)
    Lines(verbose=False).waiting(WAITS[:1], "")

    assert untimed(capsys.readouterr().err) == [
        "waiting for 21 s: llm-general (of 270 s), llm-fast (of 540 s);"
        " llm-general says: INFO Loading safetensors: 40%",
        "waiting for 21 s: llm-general (of 270 s)",
    ]


def test_silence_is_not_told_what_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert Silent().beat_s is None
    Silent().waiting(WAITS, SAID)
    assert capsys.readouterr().err == ""


def test_silence_but_for_notes(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Silent())
    assert capsys.readouterr() == ("", "building, once\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have rich take standard error for a terminal with colours."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_services_in_colours(capsys: pytest.CaptureFixture[str]) -> None:
    tell(LiveTable(colours=True))

    out, err = capsys.readouterr()
    assert out == ""
    assert COLOUR.search(err)
    plain = ESCAPES.sub("", err)
    assert re.search(r"redis +healthy +0 s", plain)
    assert "building, once" in plain
    assert "engine" in plain


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_budgets_and_the_slowest_one_s_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveTable(colours=True)
    with progress.phase("wait"):
        progress.service("llm-general", "starting")
        progress.waiting(WAITS, SAID)

    plain = ESCAPES.sub("", capsys.readouterr().err)
    assert re.search(r"llm-general +starting +0 s of 270 s", plain)
    assert "llm-general: INFO Loading safetensors: 40%" in plain


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_terminal_without_colours(
    by: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if by == "environment":
        monkeypatch.setenv("NO_COLOR", "anything")
    tell(LiveTable(colours=by != "option"))

    err = capsys.readouterr().err
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", err)
    assert "redis" in err


@pytest.mark.usefixtures("terminal")
def test_what_programs_and_causes_say_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveTable(colours=True)
    with progress.phase("images"):
        progress.line("COPY [/bin/x] to [bold]")
        progress.service("redis", "start: [/red] exited")
        progress.note("[/note]")

    plain = ESCAPES.sub("", capsys.readouterr().err)
    assert "COPY [/bin/x] to [bold]" in plain
    assert "start: [/red] exited" in plain
    assert "[/note]" in plain


def test_outside_a_step_the_table_prints_notes_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    LiveTable(colours=True).note("wrote toolkit.yaml")
    assert capsys.readouterr().err == "wrote toolkit.yaml\n"


def test_the_listener_suits_options_and_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(progress_for(Common(quiet=True))) is Silent
    assert type(progress_for(Common())) is Lines
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert type(progress_for(Common())) is LiveTable
    assert type(progress_for(Common(verbose=True))) is Lines
    assert type(progress_for(Common(quiet=True))) is Silent
