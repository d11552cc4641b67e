"""The verb for a new machine: init."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    verb(app)(init)


def init(
    common: Common,
    force: Annotated[
        bool, typer.Option("--force", help="Replace toolkit.yaml; the old one is kept as toolkit.yaml.bak.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--print", help="Print what would be written, and write nothing.")
    ] = False,
) -> None:
    """Look at this machine and write toolkit.yaml: where images and models come from, and why.

    Example: toolkit init --env production
    """
    from toolkit.cli.initialising import first_profile
    from toolkit.cli.writing import answer, note
    from toolkit.routines.init import write_profile

    note(common, "looking at the machine: engine, registry, Hub, model cache")
    text = first_profile(common)
    if show:
        typer.echo(text, nl=False)
        return
    path = write_profile(common.project_dir.resolve(), text, replace=force)
    answer(common, {"written": str(path)}, f"wrote {path}\n\n{text.rstrip()}")
