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
from toolkit.cli.report_files import report_files


class Output(StrEnum):
    """How a verb that reports answers on standard output."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


class PlainOutput(StrEnum):
    """How every other verb answers."""

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
    report_files: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            metavar="FILE",
            callback=report_files,
            help="Write the report to a file as well: .json, .xml (JUnit), .md or .html. Repeatable.",
        ),
    ] = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Plan with more head-room, and take every warning for an error.")
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only results and errors.")] = (
        False
    )
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every command that runs.")] = False
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False

    def as_words(self) -> tuple[str, ...]:
        """Return what chooses profile and host, as another run of the command is given it."""
        named = {
            "--env": self.env,
            "--hardware": self.hardware,
            "--persona": self.persona,
            "--host": self.host,
        }
        said = [word for option, value in named.items() if value is not None for word in (option, value)]
        sets = [f"--set={one}" for one in self.sets or ()]
        strict = ["--strict"] if self.strict else []
        return (*said, *sets, *strict, "--project-dir", str(self.project_dir.resolve()))

    @property
    def json(self) -> bool:
        """Whether the answer is JSON."""
        return self.output == Output.JSON


_PANEL = "Options of every verb"
_OF_REPORTS = frozenset({"report_files"})


def verb(
    app: typer.Typer, name: str | None = None, *, reports: bool = False, **command: Any
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Register a function whose first parameter is `common: Common` as a command with the common options.

    The function's own parameters come first; its return value is the exit code, None meaning 0. With `reports` the
    verb answers with reports (`cli/reporting.py`): in more formats, and in files.
    """

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        own = _parameters(function)[1:]

        @functools.wraps(function)
        def call(**given: Any) -> int | None:
            common = Common(**{f.name: given.pop(f.name, f.default) for f in fields(Common)})
            return function(common, **given)

        parameters = [*own, *_common_parameters(reports)]
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
def _common_parameters(reports: bool) -> tuple[inspect.Parameter, ...]:
    hints = get_type_hints(Common, include_extras=True)
    parameters = []
    for field in fields(Common):
        base, option = hints[field.name].__origin__, hints[field.name].__metadata__[0]
        default = field.default
        if not reports:
            if field.name in _OF_REPORTS:
                continue
            if base is Output:
                base, default = PlainOutput, PlainOutput.TEXT
        option.rich_help_panel = _PANEL
        parameters.append(_parameter(field.name, Annotated[base, option], default))
    return tuple(parameters)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
