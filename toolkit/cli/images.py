"""The verbs about images: list and build."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb

app = typer.Typer(
    name="images", no_args_is_help=True, help="Official images, and the local ones that keep their contract."
)


@verb(app, "list")
def list_all(common: Common) -> None:
    """List the table of images: official pin, local build, what is on this machine.

    Example: toolkit images list --output json
    """
    from toolkit.cli.writing import answer
    from toolkit.engine.runner import SubprocessRunner
    from toolkit.resources import resource_dir
    from toolkit.routines.images import list_images

    rows = list_images(SubprocessRunner(), resource_dir("compose") / "images")
    found = [
        {
            "name": row.pin.name,
            "version": row.pin.version,
            "registry": row.pin.registry,
            "pulled": row.pulled,
            "local": row.pin.local,
            "local_state": row.state,
            "local_mib": row.size_bytes >> 20,
        }
        for row in rows
    ]
    head = f"{'IMAGE':13} {'REGISTRY':53} {'PULLED':6} {'LOCAL':28} {'STATE':7} MIB"
    lines = [
        f"{r['name']:13} {r['registry'] or '-':53} {'yes' if r['pulled'] else 'no':6} {r['local'] or '-':28} "
        f"{r['local_state']:7} {r['local_mib'] or '-'}"
        for r in found
    ]
    answer(common, {"images": found}, "\n".join([head, *lines]))


@verb(app)
def build(
    common: Common,
    names: Annotated[
        list[str] | None, typer.Argument(help="Images; those of CPU stacks without any.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build also those that are there and up to date.")
    ] = False,
) -> None:
    """Build images on this machine, for `image_source: local`: those that are missing or stale.

    Example: toolkit images build redis mariadb
    """
    from toolkit.cli.progress import progress_for
    from toolkit.cli.writing import answer
    from toolkit.engine.runner import SubprocessRunner
    from toolkit.errors import Problem, UsageError
    from toolkit.planning.images import BUILDABLE, PINS
    from toolkit.resources import resource_dir
    from toolkit.routines.images import build_images

    for name in names or ():
        if name not in PINS:
            raise UsageError(Problem("images build", f"no image `{name}`", "", f"known: {', '.join(PINS)}"))
    progress = progress_for(common)
    wanted = names or [name for name in BUILDABLE if name != "vllm"]
    with progress.phase("build"):
        built = build_images(
            SubprocessRunner(), resource_dir("compose") / "images", wanted, progress.note, rebuild=rebuild
        )
    answer(
        common,
        {"built": list(built)},
        f"built {', '.join(built)}" if built else "all are there and up to date",
    )
