"""The verbs about the profile itself: list, show, override, facts, schema."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import completion
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
def show(
    common: Common,
    layer: Annotated[
        str | None,
        typer.Option(help="Only what this layer says, in force or not: persona, strict, toolkit.yaml …"),
    ] = None,
) -> None:
    """Show every value in force, with the file and line that said it.

    Example: toolkit profile show --env production --layer hardware
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.profile.show import one_layer, show_json, show_text

    profile = Project(common).profile
    node = profile.merged if layer is None else one_layer(profile.layers, layer)
    answer(common, show_json(node) if common.json else {}, show_text(node).rstrip())


@verb(app)
def override(
    common: Common,
    path: Annotated[
        str, typer.Argument(autocompletion=completion.shipped, help="A shipped template or fragment.")
    ],
) -> None:
    """Copy a shipped template or fragment to overrides/, and print the lines that toolkit.yaml needs.

    Example: toolkit profile override templates/redis/redis.conf.j2
    """
    from toolkit.cli.decided import shipped
    from toolkit.cli.writing import answer
    from toolkit.routines.override import copy_shipped, how_to_go_on

    copy, line = copy_shipped(common.project_dir.resolve(), path, shipped())
    answer(common, {"written": str(copy), "overrides": line.strip()}, how_to_go_on(copy, line))


@verb(app)
def facts(
    common: Common,
    model: Annotated[str, typer.Argument(help="A model of the catalogue, or of `models:` in toolkit.yaml.")],
) -> None:
    """Print what a model needs of a card, read from its files, as lines for toolkit.yaml.

    Example: toolkit profile facts qwen3-14b-awq
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.errors import Problem, UsageError
    from toolkit.profile.model_files import facts_text, model_directory, read_facts
    from toolkit.routines.machine import hub_cache

    project = Project(common)
    models = project.settings.models
    if model not in models:
        raise UsageError(Problem("MODEL", f"unknown model `{model}`", "", f"known: {', '.join(models)}"))
    cache = hub_cache(project.settings.model_cache.source)
    found = read_facts(model_directory(models[model], project.directory, cache))
    answer(common, {model: found.model_dump()}, facts_text(model, found))


@verb(app)
def schema(common: Common) -> None:
    """Print the JSON Schema of toolkit.yaml, for editors.

    Example: toolkit profile schema > toolkit.schema.json
    """
    import json

    from toolkit.profile.schema import json_schema

    del common  # the schema is the same whatever is chosen
    typer.echo(json.dumps(json_schema(), indent=2))
