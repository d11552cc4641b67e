"""The verbs about API keys: add, list, revoke; a running edge learns of each at once."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli.options import Common, verb

app = typer.Typer(
    name="keys", no_args_is_help=True, help="API keys of the edge; changes count at once, without a restart."
)

Name = Annotated[str, typer.Argument(help="Who it is for: a-z, 0-9 and -.")]


@verb(app)
def add(common: Common, name: Name) -> None:
    """Make a key. It is written to a file of mode 0600, and shown nowhere.

    Example: toolkit keys add alice --env production
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common)
    with project.lock("keys add"):
        key, why_not = project.keys().add(name)
    body = {"name": key.name, "file": str(key.file), **_live(why_not)}
    answer(common, body, f"{key.file}{_remark(why_not)}")


@verb(app, "list")
def list_keys(common: Common) -> None:
    """List the keys: name, first digits of the hash, when it was made.

    Example: toolkit keys list
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    found = Project(common).keys().all()
    rows = [
        {"name": k.name, "sha256": k.short, "created": k.created and k.created.isoformat()} for k in found
    ]
    text = "\n".join(f"{r['name']:20} {r['sha256']}  {r['created'] or 'file is gone'}" for r in rows)
    answer(common, {"keys": rows}, text or "no keys")


@verb(app)
def revoke(common: Common, name: Name) -> None:
    """Take a key back: the edge refuses it from now on, and its file is removed.

    Example: toolkit keys revoke alice
    """
    from toolkit.cli.wiring import Project
    from toolkit.cli.writing import answer

    project = Project(common)
    with project.lock("keys revoke"):
        key, why_not = project.keys().revoke(name)
    answer(common, {"name": key.name, **_live(why_not)}, f"revoked {key.name}{_remark(why_not)}")


def _live(why_not: str) -> dict[str, object]:
    return {"live": False, "why_not_live": why_not} if why_not else {"live": True}


def _remark(why_not: str) -> str:
    return f"  ({why_not}: it counts from the edge's next start)" if why_not else ""
