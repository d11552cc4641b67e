"""The verb `warmup`."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    verb(app)(warmup)


def warmup(
    common: Common,
    only_cold: Annotated[
        bool, typer.Option("--only-cold", help="Leave out what was warmed up since it was started.")
    ] = False,
) -> int:
    """Ask every model what users will ask it, so that none of them meets a cold one. Exit 3 where one does not answer.

    From inside each model's container: the list of models, a first token, short, streamed, concurrent and long
    requests; then once through the edge. Each data store is reached once, and the usual prompts of the profile
    (`warmup.prompts`) are asked. `up` does the same for models that it has started.

    Example: toolkit warmup --output json
    """
    from toolkit.cli.warm_parts import warming_of
    from toolkit.cli.warm_words import warm_json, warm_text
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer_by_host
    from toolkit.errors import ActionError
    from toolkit.routines.teardown import present

    done, good = [], True
    for part in Project(common).reached():
        names = [one.service for one in part.plan.warm_ups]
        present(part.containers, part.project_name, names, "warm up")
        warming, edge = warming_of(part), part.edge()
        part.state.ensure()
        models = warming.when_ready(only_cold=only_cold)
        with part.progress.phase("reach"):
            stores = warming.stores()
        proven = edge.prove(part.plan.models) if edge is not None and edge.url else {}
        with part.progress.phase("prime"):
            primed = warming.usual()
        failed = (
            [m.reason for m in models] + [s.reason for s in stores] + list(primed.reasons if primed else ())
        )
        good = good and not any(failed)
        body = {"environment": part.plan.environment, **warm_json(models, stores, primed)}
        body["edge"] = {n: {"served_by": c.served_by, "elapsed_s": c.elapsed_s} for n, c in proven.items()}
        lines = warm_text(models, stores, primed)
        lines += [f"{n}: {c.elapsed_s:.2f} s through the edge ({c.served_by})" for n, c in proven.items()]
        done.append((part.plan.part, body, "\n".join(lines)))
    answer_by_host(common, done)
    return 0 if good else ActionError.exit_code
