"""The verbs about releases: releases, rollback."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb
from toolkit.cli.running import Wait


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(releases)
    verb(app)(rollback)


def releases(common: Common) -> None:
    """List what was deployed, the newest first: when, by whom, how it ended, and what differs to the one before.

    Example: toolkit releases --env production
    """
    from toolkit.cli.release_list import listed, releases_json, releases_text
    from toolkit.cli.releasing import releases_of
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host

    found = [(part.plan, listed(releases_of(part))) for part in Project(common).parts()]
    answer_by_host(
        common, [(plan.part, releases_json(plan, rows), releases_text(plan, rows)) for plan, rows in found]
    )


def rollback(
    common: Common,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="[N]",
            min=1,
            autocompletion=completion.releases,
            help="The release to bring back. Default: the one before that which runs.",
        ),
    ] = None,
    wait: Annotated[
        Wait | None,
        typer.Option(
            help="Return when the edge serves, or when every model has answered. Default: by environment."
        ),
    ] = None,
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help="Do not look first at what could stand in the way.")
    ] = False,
) -> None:
    """Bring a former release back: its files, its very images, the same way to ready as `up`; data stays.

    Refused before anything is touched where an image, a secret or a volume of it is gone, or where a newer version of
    a database has had its data. It is a new release itself. toolkit.yaml stays as it is: correct it before the
    next `up`.

    Example: toolkit rollback 7 --env production
    """
    from toolkit.cli.releasing import rolled_back
    from toolkit.cli.summary import up_json, up_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host

    models = None if wait is None else wait is Wait.MODELS
    results = rolled_back(Project(common), number, models, preflight=not no_preflight)
    answer_by_host(common, [(result.host, up_json(result), up_text(result)) for result in results])
