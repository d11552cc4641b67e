"""The options that every verb has, and the decorator that gives them to a verb."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from toolkit.cli import completion
from toolkit.cli.first_sight import FirstSightCommand


class Output(StrEnum):
    """How a verb answers on standard output."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Common:
    """The options of every verb."""

    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            "-e",
            envvar="TOOLKIT_ENV",
            autocompletion=completion.environments,
            help="Environment: development, testing, production.",
        ),
    ] = None
    hardware: Annotated[
        str | None,
        typer.Option(
            autocompletion=completion.hardware, help="Hardware profile; toolkit.yaml names it, else `cpu`."
        ),
    ] = None
    persona: Annotated[
        str | None,
        typer.Option(
            autocompletion=completion.personas,
            help="What the stack is to be best at: `toolkit profile list`; toolkit.yaml names it, else nothing.",
        ),
    ] = None
    host: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this host of a profile with several.")
    ] = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            autocompletion=completion.keys,
            help="Override one value, e.g. services.edge.port=9000. Repeatable.",
        ),
    ] = None
    project_dir: Annotated[
        Path, typer.Option(file_okay=False, exists=True, help="Where toolkit.yaml, build/ and .toolkit/ are.")
    ] = Path()
    output: Annotated[Output, typer.Option("--output", "-o", help="How to answer on standard output.")] = (
        Output.TEXT
    )
    strict: Annotated[
        bool, typer.Option("--strict", help="Plan with more head-room, and take every warning for an error.")
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only results and errors.")] = (
        False
    )
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every command that runs.")] = False
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False

    @property
    def json(self) -> bool:
        """Whether the answer is JSON."""
        return self.output is Output.JSON


_PANEL = "Options of every verb"


def verb(
    app: typer.Typer, name: str | None = None, **command: Any
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Register a function whose first parameter is `common: Common` as a command with the common options.

    The function's own parameters come first; its return value is the exit code, None meaning 0.
    """

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        own = _parameters(function)[1:]

        @functools.wraps(function)
        def call(**given: Any) -> int | None:
            common = Common(**{f.name: given.pop(f.name) for f in fields(Common)})
            return function(common, **given)

        parameters = [*own, *_common_parameters()]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, cls=FirstSightCommand, **command)(call)
        return function

    return register


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    return [
        p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for p in inspect.signature(function).parameters.values()
    ]


@functools.cache
def _common_parameters() -> tuple[inspect.Parameter, ...]:
    hints = get_type_hints(Common, include_extras=True)
    parameters = []
    for field in fields(Common):
        base, option = hints[field.name].__origin__, hints[field.name].__metadata__[0]
        option.rich_help_panel = _PANEL
        parameters.append(
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=Annotated[base, option],
            )
        )
    return tuple(parameters)
