"""Values that pass at first sight come out as typer makes them, and what does not is refused in typer's words."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.core import TyperCommand

from toolkit.cli.first_sight import FirstSightCommand


class Kind(StrEnum):
    ONE = "one"
    TWO = "Two"


def parsed(command: type[TyperCommand], *words: str) -> object:
    """Return what the function of a small command gets, or the words of the refusal."""
    app, got = typer.Typer(), []

    @app.command(cls=command)
    def call(
        names: Annotated[list[str] | None, typer.Argument()] = None,
        text: str = "",
        maybe: str | None = None,
        many: Annotated[list[str] | None, typer.Option()] = None,
        kind: Kind | None = None,
        number: int = 3,
        flag: bool = False,
        place: Annotated[Path, typer.Option(file_okay=False, exists=True)] = Path(),
        file: Annotated[Path | None, typer.Option()] = None,
    ) -> None:
        got.append((names, text, maybe, many, kind, number, flag, place, file))

    try:
        app(list(words), standalone_mode=False)
    except typer.TyperException as error:
        return type(error), error.format_message()
    return [(value, type(value)) for value in got[0]]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "a b c",
        "--text x --maybe=y --many 1 --many 2",
        "--kind one --flag",
        "--kind Two --no-flag",
        "--kind two",
        "--kind ONE",
        "--kind 3",
        "--number 7",
        "--number x",
        "--place /",
        "--place /nowhere",
        "--place /etc/passwd",
        "--file x",
        "--text",
        "--nothing",
    ],
)
def test_it_comes_out_as_typer_makes_it(words: str) -> None:
    assert parsed(FirstSightCommand, *words.split()) == parsed(TyperCommand, *words.split())


def loaded(*words: str) -> Any:
    program = f"""
import sys
from toolkit.cli.app import application
from toolkit.cli import writing
import toolkit.cli.wiring
toolkit.cli.wiring.Project = lambda common: sys.exit(f"{{common.sets}} " + str("pydantic" in sys.modules))
application({list(words)})({list(words)})
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stderr


def test_plain_options_do_not_load_pydantic() -> None:
    words = ("up", "--env=testing", "--wait=edge", "--set=a=1", "--project-dir=/", "--output=json", "--quiet")
    assert loaded(*words) == "['a=1'] False\n"
