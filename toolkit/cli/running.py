"""The verbs that change what runs: up, down, restart."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


class Wait(StrEnum):
    """What `up` waits for."""

    EDGE = "edge"
    MODELS = "models"


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(up)
    verb(app)(down)
    verb(app)(restart)


def up(
    common: Common,
    wait: Annotated[
        Wait | None,
        typer.Option(
            help="Return when the edge serves, or when every model has answered. Default: by environment."
        ),
    ] = None,
) -> None:
    """Bring the environment up: render, get images, start what differs, wait, and prove that it serves.

    Example: toolkit up --env production --wait=models
    """
    from toolkit.cli.summary import up_json, up_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common).initialised()
    models = project.plan.wait_for_models if wait is None else wait is Wait.MODELS
    with project.lock("up"):
        result = project.deploy().up(wait_for_models=models)
    answer(common, up_json(project.plan, result), up_text(project.plan, result))


def down(
    common: Common,
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Delete the volumes and all that is in them, too.")
    ] = False,
    yes_delete: Annotated[
        str | None,
        typer.Option(metavar="PROJECT", help="Consent to --volumes: the project's name, e.g. llm-testing."),
    ] = None,
) -> None:
    """Remove the containers and networks of the environment. Volumes stay, and so do secrets and keys.

    Example: toolkit down --env testing
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.routines.teardown import refuse_without_consent

    project = Project(common)
    refuse_without_consent(project.project_name, volumes=volumes, named=yes_delete)
    with project.lock("down"), project.progress.phase("stop"):
        removed = project.teardown().down(volumes=volumes)
    kept = "volumes deleted" if volumes else "volumes kept"
    body = {"environment": project.settings.environment, "removed": list(removed), "volumes_deleted": volumes}
    answer(common, body, f"{project.project_name}: {len(removed)} containers removed, {kept}")


def restart(
    common: Common,
    services: Annotated[list[str] | None, typer.Argument(help="Services; all of them without any.")] = None,
) -> None:
    """Restart services as they are, and wait until they are healthy again.

    Example: toolkit restart llm-general
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common)
    names = project.known_services(services or ())
    with project.lock("restart"):
        states = project.teardown().restart(names)
    answer(common, {"restarted": states}, "\n".join(f"{name}: {state}" for name, state in states.items()))
