"""The verbs that show the sums: plan and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import completion
from toolkit.cli.options import Common, verb

if TYPE_CHECKING:
    from toolkit.cli.wiring import Project


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""
    verb(app)(plan)
    verb(app)(explain)


def plan(common: Common) -> None:
    """Show what is planned: hosts, cards, services, the order of starts, and what is spare. No engine is asked.

    Example: toolkit plan --env production --output json
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.planning.hosts import chosen_host

    project = Project(common)
    found = project.whole_plan
    if common.host is not None:
        found = found.on_host(chosen_host(found, common.host))
    if common.json:
        from toolkit.writers.plan_json import plan_json

        answer(common, plan_json(found, _origins(project)), "")
        return
    from toolkit.cli.plan_tables import print_plan

    print_plan(common, found)


def explain(
    common: Common,
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            autocompletion=completion.explained,
            help="A derived value or a setting, such as services.redis.maxmemory; without it all are listed.",
        ),
    ] = None,
) -> None:
    """Say why a value is what it is: formula, inputs with the lines that said them, source, and what would change it.

    Example: toolkit explain services.mariadb.innodb_buffer_pool_size --env production
    """
    from toolkit.cli.explanation import explanation_json, explanation_text, reasons_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer
    from toolkit.profile.explain import explain as explained
    from toolkit.profile.explain import path_of
    from toolkit.profile.meaning import meaning
    from toolkit.resources import resource_dir
    from toolkit.writers.plan_json import SCHEMA, reason_json

    project = Project(common)
    reasons = dict(project.whole_plan.reasons)
    if key is None:
        origins = _origins(project) if common.json else {}
        every = {name: reason_json(reason, origins) for name, reason in reasons.items()}
        answer(common, {"schema": SCHEMA, "reasons": every}, "" if common.json else reasons_text(reasons))
        return
    found = explained(project.profile, project.whole_plan, key)
    means = meaning(resource_dir("profiles"), path_of(key)) if found.origin else ""
    answer(common, {**explanation_json(found), "meaning": means}, explanation_text(found, means))


def _origins(project: Project) -> dict[str, str]:
    from toolkit.profile.explain import origins_of

    return origins_of(project.profile)
