"""Why one value is what it is: its formula, the lines that said its inputs, and what would change it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.profile.nearest import nearest
from toolkit.profile.tree import KeyPath, Node, plain, walk
from toolkit.values import Value

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan, Reason
    from toolkit.planning.sensitivity import Change
    from toolkit.profile.load import LoadedProfile

_PART = re.compile(r'"([^"]+)"|([A-Za-z_][\w-]*)|\[([0-9]+)\]')
# Beyond these nobody reads on, and each costs some plans.
_MOST_CAUSES = 24


class Input(Value):
    """One input of a formula: a setting with the line that said it, or another derived value with its own formula.

    `depth` is 1 for the value's own inputs, 2 for those of its derived inputs and so on.
    """

    key: str
    value: object
    unit: str
    origin: str
    formula: str
    depth: int


class Explanation(Value):
    """A value with all that is behind it; of a setting `origin` is the line that said it, and `formula` is empty."""

    key: str
    value: object
    unit: str
    formula: str
    source: str
    origin: str
    inputs: tuple[Input, ...]
    changes: tuple[Change, ...]
    used_by: tuple[str, ...]


def explain(profile: LoadedProfile, plan: Plan, key: str) -> Explanation:
    """Return the explanation of `key`, a derived value or a setting. Raises UsageError with the nearest key."""
    from toolkit.planning.sensitivity import changes  # noqa: PLC0415 - it needs pydantic, and completion does not

    settings = dict(_settings(profile.merged))
    reason = plan.reasons.get(key)
    if reason is None and key not in settings:
        raise UsageError(_unknown(key, [*plan.reasons, *settings]))
    used_by = tuple(name for name, one in plan.reasons.items() if key in one.inputs and name != key)
    origin = str(settings[key].origin) if key in settings else ""
    if reason is None:
        value = settings[key].written or plain(settings[key])
        return Explanation(key, value, "", "", "", origin, (), (), used_by)
    inputs = tuple(_inputs(reason, plan.reasons, settings, {key}, 1))
    causes = {one.key: path_of(one.key) for one in inputs if one.origin and one.key != key}
    moved = changes(profile.settings, key, dict(list(causes.items())[:_MOST_CAUSES]))
    return Explanation(
        key, reason.value, reason.unit, reason.formula, reason.source, origin, inputs, moved, used_by
    )


def _inputs(
    reason: Reason, reasons: Mapping[str, Reason], settings: Mapping[str, Node], told: set[str], depth: int
) -> Iterator[Input]:
    """Yield each input, below a derived one its own; none is told twice."""
    for key, value in reason.inputs.items():
        derived = reasons.get(key) if key not in told else None
        node = settings.get(key)
        said = node is not None and (derived is None or derived.formula == "chosen by hand")
        if key in told and depth > 1:
            continue
        yield Input(
            key=key,
            value=_as_said(node, value) if said and node is not None else value,
            unit="" if said else derived.unit if derived else _unit_of(value, reason),
            origin=str(node.origin) if said and node is not None else "",
            formula="" if said or derived is None else derived.formula,
            depth=depth,
        )
        told.add(key)
        if derived is not None and not said:
            yield from _inputs(derived, reasons, settings, told, depth + 1)


def _as_said(node: Node, value: object) -> object:
    """Return a setting as it stands in its file; what the sum made of a list says more than the list."""
    return value if isinstance(node.value, tuple) else node.written or plain(node)


def _unit_of(value: object, reason: Reason) -> str:
    """A name of the formula's own is an amount of the same kind as the value."""
    return reason.unit if isinstance(value, int) and not isinstance(value, bool) else ""


def _settings(merged: Node) -> Iterator[tuple[str, Node]]:
    """Yield each setting by its key; of cards, the only list of mappings that sums are made of, each part."""
    from toolkit.profile.tree import dotted  # noqa: PLC0415 - one name of many

    for path, node in walk(merged):
        if not isinstance(node.value, Mapping):
            yield dotted(path), node
        if isinstance(node.value, tuple):
            for number, item in enumerate(node.value):
                yield from ((dotted((*path, number, *below)), child) for below, child in walk(item))


def origins_of(profile: LoadedProfile) -> dict[str, str]:
    """Return the line or flag that said each setting."""
    return {key: str(node.origin) for key, node in _settings(profile.merged)}


def path_of(key: str) -> KeyPath:
    """Return the parts of a key as `dotted` writes it: `hosts.ai.gpus[0].memory`, `models."a.b".facts`."""
    return tuple(int(index) if index else quoted or bare for quoted, bare, index in _PART.findall(key))


def keys_of(profile: LoadedProfile, plan: Plan) -> tuple[str, ...]:
    """Return every key that can be explained, derived values first."""
    return (*plan.reasons, *(key for key, _ in _settings(profile.merged) if key not in plan.reasons))


def next_parts(known: Sequence[str], written: str) -> list[str]:
    """Return how a key that is being written can go on: to its end, or to the next dot where several go on from there.

    Where all go on through one section, its keys: a shell would end the word after a single choice.
    """
    fitting = [key for key in known if key.startswith(written)]
    start = len(written)
    while True:
        ends = dict.fromkeys(key[: dot + 1] if (dot := key.find(".", start)) >= 0 else key for key in fitting)
        if len(ends) != 1 or not next(iter(ends)).endswith("."):
            return list(ends)
        start = len(next(iter(ends)))


def _unknown(key: str, known: list[str]) -> Problem:
    last = key.rpartition(".")[2]
    same = [one for one in known if one.rpartition(".")[2] == last]
    close = nearest(key, known) or (same[0] if len(same) == 1 else None)
    if close:
        hint = f"did you mean `{close}`?"
    elif same:
        hint = f"known: {', '.join(same[:8])}"
    else:
        hint = "`toolkit explain` lists every key"
    return Problem("KEY", f"there is nothing to explain under `{key}`", "", hint)
