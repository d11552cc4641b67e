"""The verbs that change what runs: up, down, start, stop, restart, migrate."""

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
    verb(app)(start)
    verb(app)(stop)
    verb(app)(restart)
    verb(app)(migrate)


def up(
    common: Common,
    wait: Annotated[
        Wait | None,
        typer.Option(
            help="Return when the edge serves, or when every model has answered. Default: by environment."
        ),
    ] = None,
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help="Do not look first at what could stand in the way.")
    ] = False,
    no_rollback: Annotated[
        bool, typer.Option("--no-rollback", help="Leave a release that does not serve as it is, for study.")
    ] = False,
) -> None:
    """Bring the environment up: render, get images, start what differs, wait, and prove that it serves.

    Where something has to be done it looks at the machine first, as `toolkit preflight` does: what stands in the way
    ends it before anything is touched, warnings are told. What then serves is a numbered release (`toolkit releases`);
    where it does not come to serve, its evidence is saved and the former release comes back (exit code 3).

    Example: toolkit up --env production --wait=models
    """
    from toolkit.cli.summary import up_json, up_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host

    project = Project(common).initialised()
    models = None if wait is None else wait is Wait.MODELS
    preflight = not no_preflight
    results = project.unchanged_up(models) or project.up(
        models, preflight=preflight, automatic=not no_rollback
    )
    answer_by_host(common, [(result.host, up_json(result), up_text(result)) for result in results])


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
    from toolkit.cli.writing import answer_by_host
    from toolkit.planning.hosts import start_order
    from toolkit.routines.across import in_turn
    from toolkit.routines.teardown import refuse_without_consent

    project = Project(common)
    parts = project.reached()
    refuse_without_consent(parts[0].project_name, volumes=volumes, named=yes_delete)
    kept = "volumes deleted" if volumes else "volumes kept"
    done = []
    # Who is used by the others goes last.
    order = start_order(project.whole_plan)[::-1]
    there = sorted(parts, key=lambda part: order.index(part.plan.hosts[0].name))
    names = [part.plan.hosts[0].name for part in there]
    for name, part in zip(names, there, strict=True):
        with part.lock("down"), part.progress.phase("stop"), in_turn(name, names, "down"):
            removed = part.teardown().down(volumes=volumes)
        body = {"environment": part.plan.environment, "removed": list(removed), "volumes_deleted": volumes}
        said = f"{part.project_name}: {len(removed)} containers removed, {kept}"
        done.append((part.plan.part, body, said))
    answer_by_host(common, done)


def start(
    common: Common,
    services: Annotated[list[str], typer.Argument(help="Services, also those that run on demand only.")],
) -> None:
    """Start services by name, and wait until they are healthy: those on demand, or stopped ones.

    Refused where a service that runs has a card that one of them needs; stop that one first.

    Example: toolkit start training-server
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    states: dict[str, str] = {}
    for part, names in Project(common).reached_with(services):
        with part.lock("start"):
            states |= part.deploy().start(names)
    answer(common, {"started": states}, "\n".join(f"{name}: {state}" for name, state in states.items()))


def stop(
    common: Common,
    services: Annotated[list[str], typer.Argument(help="Services.")],
) -> None:
    """Stop services by name; containers and volumes stay.

    The next `toolkit up` starts them again, but for those that run on demand. To keep a service off, write
    `enabled: false` into its section of toolkit.yaml.

    Example: toolkit stop embeddings
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    stopped: list[str] = []
    for part, names in Project(common).reached_with(services):
        with part.lock("stop"):
            stopped += part.teardown().stop(names)
    answer(common, {"stopped": stopped}, "\n".join(f"{name}: stopped" for name in stopped))


def restart(
    common: Common,
    services: Annotated[list[str] | None, typer.Argument(help="Services; all of them without any.")] = None,
) -> None:
    """Restart services as they are, and wait until they are healthy again.

    Example: toolkit restart llm-general
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    states: dict[str, str] = {}
    for part, names in Project(common).reached_with(services or ()):
        with part.lock("restart"):
            states |= part.teardown().restart(names)
    answer(common, {"restarted": states}, "\n".join(f"{name}: {state}" for name, state in states.items()))


def migrate(common: Common) -> int:
    """Make the indexes that the profile declares, where their tables are there. Exit 3 where a database refuses one.

    `up` does it, too, when something changed; run it after an application has made its tables, or loaded its vectors.

    Example: toolkit migrate --output json
    """
    from toolkit.cli.indexes import indexes_json, indexes_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host
    from toolkit.errors import ActionError
    from toolkit.routines.teardown import present

    done, refused = [], False
    for part in Project(common).reached():
        migration = part.migration()
        if migration.services:
            present(part.containers, part.project_name, migration.services, "migrate")
        with part.lock("migrate"):
            results = migration.run()
        refused |= any(result.state == "failed" for result in results)
        done.append((part.plan.part, indexes_json(part.plan, results), indexes_text(part.plan, results)))
    answer_by_host(common, done)
    return ActionError.exit_code if refused else 0
