"""The command line: its verbs, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from toolkit import __version__
from toolkit.cli.first_sight import FirstSightGroup
from toolkit.cli.verbs import rooms_for
from toolkit.errors import EXIT_BUG, EXIT_INTERRUPTED, Problem, ToolkitError, UsageError


def application(argv: Sequence[str] = ()) -> typer.Typer:
    """Return the command line with the verb that `argv` begins with, or with all of them where it is none.

    typer builds every command that it knows, and that is half of the time that a quick verb takes.
    """
    app = typer.Typer(
        name="toolkit",
        cls=FirstSightGroup,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Deploy a self-hosted LLM stack: one profile becomes compose files and configurations, "
        "a running stack, and the proof that it serves.",
        epilog="First steps: `toolkit init`, `toolkit up`, `toolkit status`. Exit codes: 0 done, 1 blocked, "
        "2 bad usage or profile, 3 could not act, 4 differs, 70 a bug of ours, 130 interrupted.",
    )
    app.callback()(_root)
    for name in rooms_for(argv):
        room = import_module(f"toolkit.cli.{name}")
        if hasattr(room, "register"):
            room.register(app)
        else:
            app.add_typer(room.app)
    return app


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"toolkit {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None: ...


def run(argv: Sequence[str]) -> int:
    """Run one command line; return its exit code. Errors are shown on standard error, never as tracebacks.

    An order to end (SIGTERM, as a cancelled CI job sends it) is taken like Ctrl-C: what was started ends first.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = application(argv)(list(argv), standalone_mode=False, prog_name="toolkit")
    except ToolkitError as error:
        return _show(error, argv)
    except typer.TyperException as error:
        # Without a word of its own it has shown the help: no verb was given.
        return _show(_usage(error), argv) if error.format_message() else UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): nobody is left to tell. Standard output must not be flushed again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # noqa: BLE001 - the outermost border: whatever is left is our own bug
        return _show_bug()
    if code == EXIT_INTERRUPTED:
        typer.echo(
            "interrupted: nothing is half-written; the same command goes on from what is there", err=True
        )
    return code or 0


def _usage(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "toolkit"
    # typer leaves the word of the library that judged in front of what it said.
    message = error.format_message().replace(": Value error, ", ": ")
    misplaced = path == "toolkit" and message.startswith("No such option")
    step = f"{path} --help{'; options stand after the verb' if misplaced else ''}"
    return UsageError(Problem("command line", message, next_step=step))


def _show(error: ToolkitError, argv: Sequence[str]) -> int:
    if _wants_json(argv):
        import json

        body = {"exit_code": error.exit_code, "problems": [p.as_json() for p in error.problems]}
        typer.echo(json.dumps(body, indent=2))
    for problem in error.problems:
        typer.echo("error: " + problem.as_text(), err=True)
    return error.exit_code


def _wants_json(argv: Sequence[str]) -> bool:
    pairs = pairwise([*argv, ""])
    return any(
        a in ("--output=json", "-ojson") or (a in ("--output", "-o") and b == "json") for a, b in pairs
    )


def _show_bug() -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="toolkit-bug-", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    said = "".join(traceback.format_exception_only(sys.exception())).splitlines()[0]
    typer.echo(f"error: this is a bug in toolkit: {said}\n  next: report it with {Path(log.name)}", err=True)
    return EXIT_BUG
