"""An explanation as text, 80 columns wide, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from toolkit.units import MIB, about_gib
from toolkit.values import as_plain

if TYPE_CHECKING:
    from toolkit.planning.plan import Reason
    from toolkit.planning.sensitivity import Change
    from toolkit.profile.explain import Explanation, Input

SCHEMA = 1
_WIDTH = 80
_EFFECTS = {
    "larger": "it grows",
    "smaller": "it shrinks",
    "another": "it is another",
    "gone": "it is no longer there",
}


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Return everything by name."""
    return {"schema": SCHEMA, **as_plain(found)}


def explanation_text(found: Explanation, means: str = "") -> str:
    """Return value, formula, inputs with the lines that said them, the rule's source, and what would change it.

    `means` is what the reference says of a setting.
    """
    return "\n".join(_lines(found, means))


def _lines(found: Explanation, means: str) -> Iterator[str]:
    yield f"{found.key} = {value_text(found.value, found.unit, exact=True)}"
    yield from _wrapped("  means     ", means)
    if not found.formula:
        yield f"  said by   {found.origin}"
    else:
        yield from _wrapped("  formula   ", found.formula)
        if found.inputs:
            yield "  inputs"
            for one in found.inputs:
                yield from _input(one)
        yield from _wrapped("  source    ", found.source)
        yield from _changes(found.changes)
    if found.used_by:
        yield from _wrapped("  used by   ", ", ".join(found.used_by))


def _input(one: Input) -> Iterator[str]:
    indent = "  " * (one.depth + 1)
    head = f"{indent}{one.key} = {value_text(one.value, one.unit)}"
    tail = one.origin or (f"= {one.formula}" if one.formula else "")
    if len(head) + len(tail) + 3 <= _WIDTH:
        yield f"{head}   {tail}".rstrip()
    else:
        yield from _wrapped("", head, indent + "    ")
        yield from _wrapped(f"{indent}    ", tail)


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    if changes:
        yield "  what would change it"
    for one in changes:
        if one.then != "the same":
            effect = _EFFECTS.get(one.then) or f"it cannot be planned: {one.why}"
            yield from _wrapped("    ", f"{one.key} {one.moved}: {effect}", " " * 8)
    idle = [one.key for one in changes if one.then == "the same"]
    if idle:
        yield from _wrapped("    ", f"without effect as things stand: {', '.join(idle)}", " " * 8)


def _wrapped(first: str, text: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or ([] if not text else [first])


def value_text(value: object, unit: str, *, exact: bool = False) -> str:
    """Return a value as people read it: bytes in GiB or MiB, with all digits behind where `exact`."""
    if unit == "bytes" and isinstance(value, int):
        near = about_gib(value) if abs(value) >= 1024 * MIB else f"{value / MIB:.1f} MiB"
        near = near if abs(value) >= MIB else f"{value} bytes"
        return f"{near} ({value} bytes)" if exact and abs(value) >= MIB else near
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value} {unit}".rstrip()


def reasons_text(reasons: dict[str, Reason]) -> str:
    """Return every key with its value, one a line."""
    width = max(len(key) for key in reasons)
    return "\n".join(
        f"{key:{width}}  {value_text(reason.value, reason.unit)}" for key, reason in sorted(reasons.items())
    )
