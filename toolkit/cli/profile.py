"""The verbs about the profile itself: list, show, schema."""

from __future__ import annotations

import typer

from toolkit.cli.options import Common, verb

app = typer.Typer(
    name="profile", no_args_is_help=True, help="The layers of a profile and what they say together."
)


@verb(app, "list")
def list_names(common: Common) -> None:
    """List the environments, hardware profiles, presets, personas and models that can be chosen.

    Example: toolkit profile list
    """
    from toolkit.cli.writing import answer
    from toolkit.profile.catalogue import catalogue, catalogue_text
    from toolkit.profile.names import NAMED_LAYERS, known_names
    from toolkit.resources import resource_dir

    known, models = known_names(resource_dir("profiles")), catalogue(resource_dir("profiles"))
    rows = {layer.folder: known.of(layer) for layer in NAMED_LAYERS}
    lines = [f"{kind + ':':14}{', '.join(names)}" for kind, names in rows.items()]
    answer(common, {**rows, "models": models}, "\n".join([*lines, "models:", *catalogue_text(models)]))


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
