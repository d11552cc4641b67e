"""Overrides and patches through the command: from the copy to the rendered tree, and what a stale copy says."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.cli.app import run

Captured = pytest.CaptureFixture[str]
CONF = "templates/redis/redis.conf.j2"


def test_a_copy_that_is_listed_is_rendered(here: Path, capsys: Captured) -> None:
    assert run(["profile", "override", CONF]) == 0
    lines = capsys.readouterr().out.partition("\n\n")[2]
    with (here / "toolkit.yaml").open("a") as file:
        file.write(lines)
    with (here / "overrides" / CONF).open("a") as file:
        file.write("# mine\n")

    assert run(["render"]) == 0

    assert capsys.readouterr().err == ""
    (conf,) = (here / "build" / "development" / "files" / "redis").glob("*/redis.conf")
    assert conf.read_text().endswith("# mine\n")


def test_a_stale_copy_is_told_on_standard_error_and_is_an_error_where_it_is_strict(
    here: Path, capsys: Captured
) -> None:
    (here / "mine.j2").write_text("port 1\n")
    with (here / "toolkit.yaml").open("a") as file:
        file.write(f'overrides:\n  {CONF}: {{file: mine.j2, of: "0123456789ab"}}\n')
    line = len((here / "toolkit.yaml").read_text().splitlines())
    said = (
        f"toolkit.yaml:{line}: `{CONF}` has changed since mine.j2 was made from it\n"
        "   got: made from 0123456789ab, "
    )

    assert run(["render"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith(" written\n")
    assert err.startswith("warning: " + said)
    assert err.count("warning: ") == 1

    assert run(["render", "--strict"]) == 2
    assert capsys.readouterr().err.startswith("error: " + said)


def test_a_patch_that_is_listed_is_rendered(here: Path, capsys: Captured) -> None:
    (here / "compose").mkdir()
    (here / "compose" / "redis.patch.yaml").write_text("stop_grace_period: 77s\n")
    assert run(["render"]) == 0
    tree = here / "build" / "development" / "compose.yaml"
    assert "77s" not in tree.read_text()

    assert run(["render", "--set", "patches=[redis]"]) == 0

    assert "    stop_grace_period: 77s\n" in tree.read_text()
    assert run(["render", "--set", "patches=[redsi]"]) == 2
    assert "unknown service `redsi`\n  next: did you mean `redis`?" in capsys.readouterr().err


def test_validate_renders_too(here: Path, capsys: Captured) -> None:
    assert run(["profile", "override", CONF]) == 0
    with (here / "toolkit.yaml").open("a") as file:
        file.write(capsys.readouterr().out.partition("\n\n")[2])
    (here / "overrides" / CONF).write_text("maxmemory {{ memroy }}\n")

    assert run(["validate"]) == 2

    assert capsys.readouterr().err == (
        f"error: overrides/{CONF}:1: the template cannot be rendered\n"
        "   got: 'memroy' is undefined\n"
        f"  next: correct it; `{CONF}` as it is shipped shows the values that there are\n"
    )
