"""What `init` writes: the values that depend on the machine, each with its reason as a comment."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import Problem, PublishError, UsageError
from toolkit.planning.card_choices import FoundCard
from toolkit.planning.choices import Machine, choose
from toolkit.planning.model_facts import ModelFacts, facts_of
from toolkit.profile.catalogue import catalogue
from toolkit.profile.inputs import USER_FILE
from toolkit.profile.names import known_names, unknown
from toolkit.profile.tree import Node, Origin
from toolkit.profile.yaml_source import read_file
from toolkit.render.templates import render_template
from toolkit.resources import resource_dir
from toolkit.settings.models import Facts
from toolkit.units import format_bytes
from toolkit.values import fields_of


def profile_text(
    machine: Machine,
    environment: str,
    hardware: str | None,
    persona: str | None = None,
    *,
    strict: bool = False,
) -> str:
    """Return the text of toolkit.yaml for `machine`, with `environment` as its default one.

    `hardware` is None where the machine decides, `persona` where there is none. Raises UsageError for a name that is
    not shipped.
    """
    names = known_names(resource_dir("profiles"))
    _refuse_unknown("environment", "--env", environment, names.environments)
    choices = choose(machine, hardware, _models())
    _refuse_unknown("hardware", "--hardware", str(choices.hardware.value), names.hardware)
    if persona is not None:
        _refuse_unknown("persona", "--persona", persona, names.personas)
    values = {
        "environment": environment,
        "persona": persona,
        "strict": strict,
        "local_host": _leaves_host_open(str(choices.hardware.value)),
        "choose_model": str(choices.hardware.value).startswith("cpu"),
        "licence": _licence(str(choices.model.value)),
        "devices": [_device(card) for card in machine.cards] if choices.cards is not None else [],
        "licences": {one.model: _licence(one.model) for one in choices.cards.placed} if choices.cards else {},
        **fields_of(choices),
    }
    return render_template(resource_dir("templates"), "toolkit.yaml.j2", values)


def _refuse_unknown(kind: str, flag: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UsageError(unknown(kind, Node(name, Origin(flag), Origin(flag)), known).problem())


def write_profile(directory: Path, text: str, *, replace: bool) -> Path:
    """Write `text` as toolkit.yaml; an older one is kept as toolkit.yaml.bak when `replace`, else refused."""
    path = directory / USER_FILE
    if path.exists() and not replace:
        raise UsageError(
            Problem(
                str(path),
                "it is there already",
                next_step="edit it, or replace it with `toolkit init --force`",
            )
        )
    staged = path.with_name(f".{USER_FILE}.{os.getpid()}")
    try:
        staged.write_text(text, encoding="utf-8")
        if path.exists():
            _keep(path)
        staged.replace(path)
    except OSError as error:
        step = "free some space, or make the directory writable for this user"
        raise PublishError(Problem(str(path), "it cannot be written", str(error), step)) from error
    finally:
        staged.unlink(missing_ok=True)
    return path


def _keep(path: Path) -> None:
    """Give the file a second name, so that there is a toolkit.yaml at every moment."""
    kept = path.with_name(f"{USER_FILE}.bak")
    kept.unlink(missing_ok=True)
    kept.hardlink_to(path)


def _device(card: FoundCard) -> dict[str, object]:
    """Return a card as toolkit.yaml names it."""
    return {
        "index": card.index,
        "uuid": card.uuid,
        "name": json.dumps(card.name),
        "memory": format_bytes(card.memory_bytes),
        "capability": f"{card.capability[0]}.{card.capability[1]}",
    }


def _models() -> dict[str, ModelFacts]:
    """Return what is known of the sizes of the shipped models."""
    found = catalogue(resource_dir("profiles"))
    said = {name: terms["facts"] for name, terms in found.items() if terms.get("facts") is not None}
    return {name: facts_of(Facts.model_validate(facts)) for name, facts in said.items()}


def _leaves_host_open(hardware: str) -> bool:
    """Whether the hardware layer has one host, `local`, and leaves its memory and cores to the machine."""
    node = read_file(resource_dir("profiles") / "hardware" / f"{hardware}.yaml", hardware).node
    for name in ("hosts", "local", "memory"):
        node = node.child(name) if node is not None else None
    return node is not None and node.value == "auto"


def _licence(model: str) -> str:
    node = read_file(resource_dir("profiles") / "models" / f"{model}.yaml", model).node
    child = node.child("licence") if node is not None else None
    return str(child.value) if child is not None else "unknown"
