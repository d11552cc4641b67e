"""What verbs print: one answer on standard output, as text or as JSON; everything else on standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from toolkit.cli.options import Common


def answer(common: Common, body: Mapping[str, Any], text: str) -> None:
    """Print the verb's answer: `body` with --output json, else `text` (nothing where it is empty)."""
    if common.json:
        typer.echo(json.dumps(body, indent=2, default=str))
    elif text:
        typer.echo(text)


def note(common: Common, text: str) -> None:
    """Print a remark on standard error, unless --quiet."""
    if not common.quiet:
        typer.echo(text, err=True)


def answer_by_host(common: Common, parts: Sequence[tuple[str, dict[str, Any], str]]) -> None:
    """Answer for each host (its name, "" where there is only one): alone as it is, several under `hosts`."""
    if len(parts) == 1:
        answer(common, parts[0][1], parts[0][2])
        return
    hosts = [{"host": host, **body} for host, body, _ in parts]
    answer(common, {"hosts": hosts}, "\n".join(f"== {host}\n{text}" for host, _, text in parts))
