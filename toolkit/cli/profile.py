"""The verbs about the profile itself: list, show, schema."""

from __future__ import annotations

import typer

from toolkit.cli.options import Common, verb

app = typer.Typer(
    name="profile", no_args_is_help=True, help="The layers of a profile and what they say together."
)


@verb(app, "list")
def list_names(common: Common) -> None:
    """List the environments, hardware profiles and models that can be chosen.

    Example: toolkit profile list
    """
    from toolkit.cli.writing import answer
    from toolkit.profile.names import known_names
    from toolkit.resources import resource_dir

    known = known_names(resource_dir("profiles"))
    rows = {"environments": known.environments, "hardware": known.hardware, "models": known.models}
    answer(common, rows, "\n".join(f"{kind + ':':14}{', '.join(names)}" for kind, names in rows.items()))


@verb(app)
def show(common: Common) -> None:
    """Show every value in force, with the file and line that said it.

    Example: toolkit profile show --env production
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.profile.show import show_json, show_text

    merged = Project(common).profile.merged
    answer(common, show_json(merged) if common.json else {}, show_text(merged).rstrip())


@verb(app)
def schema(common: Common) -> None:
    """Print the JSON Schema of toolkit.yaml, for editors.

    Example: toolkit profile schema > toolkit.schema.json
    """
    import json

    from toolkit.profile.schema import json_schema

    del common  # the schema is the same whatever is chosen
    typer.echo(json.dumps(json_schema(), indent=2))
