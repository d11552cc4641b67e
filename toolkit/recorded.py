"""A look at a host as text that another machine can judge: plan and snapshot as JSON, there and back; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import Plan
from toolkit.redact import is_secret_name
from toolkit.snapshot import Snapshot
from toolkit.values import Value, replace

SCHEMA = 1
_HIDDEN = "(hidden)"


class Look(Value):
    """What was seen of one host, what was planned for it, and how long it took to look."""

    suite: str
    elapsed_s: float
    strict: bool
    plan: Plan
    seen: Snapshot

    def as_recorded(self) -> Look:
        """Return it as whoever reads its record gets it, so that everybody judges the same."""
        found: Look = _decode(Look, json.loads(json.dumps(_encode(_bare(self)))))
        return found


def write(looks: tuple[Look, ...], version: str) -> str:
    """Return the record of all hosts; `version` is the toolkit's that looked."""
    body = {"schema": SCHEMA, "toolkit": version, "looks": [_encode(_bare(look)) for look in looks]}
    return json.dumps(body, indent=1, ensure_ascii=False)


def read(text: str, where: str) -> tuple[Look, ...]:
    """Return the looks of a record; what a later toolkit added is left out. Raises UsageError, naming `where`."""
    try:
        body = json.loads(text)
        if body["schema"] != SCHEMA:
            step = "judge it with the toolkit that made it, or save it anew"
            problem = Problem(
                where, f"its form is number {body['schema']}, this toolkit reads {SCHEMA}", "", step
            )
            raise UsageError(problem)
        return tuple(_decode(Look, one) for one in body["looks"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        step = "`toolkit diagnose --save FILE` writes one"
        raise UsageError(Problem(where, "it is no saved look at a stack", repr(error), step)) from error


def _bare(look: Look) -> Look:
    """Return it without what no check reads: texts of configurations, and values that may be secret."""
    services = tuple(
        replace(
            service,
            config=None,
            first_start=None,
            environment={
                name: _HIDDEN if is_secret_name(name) else value
                for name, value in service.environment.items()
            },
        )
        for service in look.plan.services
    )
    return replace(look, elapsed_s=round(look.elapsed_s, 3), plan=replace(look.plan, services=services))


def _encode(value: Any) -> Any:
    kind: Any = type(value)
    if _is_record(kind):
        return {name: _encode(getattr(value, name)) for name in _hints(kind)}
    if isinstance(value, Mapping):
        return {str(key): _encode(one) for key, one in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [_encode(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _decode(kind: Any, value: Any) -> Any:
    if _is_record(kind):
        hints = _hints(kind)
        return kind(**{name: _decode(hints[name], one) for name, one in value.items() if name in hints})
    origin, words = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return None if value is None else _decode(_arm(words, value), value)
    if origin in {dict, Mapping}:
        return {key: _decode(words[1], one) for key, one in value.items()}
    if origin in {tuple, frozenset}:
        kinds = words if words[-1] is not Ellipsis and origin is tuple else words[:1] * len(value)
        return origin(_decode(word, one) for word, one in zip(kinds, value, strict=True))
    return value


def _arm(words: tuple[Any, ...], value: Any) -> Any:
    """Return the kind among several that the value has: of records the one with these fields."""
    records = [word for word in words if _is_record(word)]
    if isinstance(value, Mapping):
        named = [word for word in records if isinstance(word, type) and value.keys() <= _hints(word).keys()]
        others = [word for word in words if get_origin(word) in {dict, Mapping}]
        # Nothing at all is a table without entries: every record here has a field that it must have.
        return (named if value and named else others or records)[0]
    if isinstance(value, list):
        return next(word for word in words if get_origin(word) in {tuple, frozenset})
    return next((word for word in words if word not in {*records, type(None)}), None)


def _is_record(kind: Any) -> bool:
    """Return whether it is a class with fields: of the errors' one, which every start loads, a dataclass."""
    return isinstance(kind, type) and (issubclass(kind, Value) or is_dataclass(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    # Names that are imported for type checkers only.
    return get_type_hints(kind, localns={"Mapping": Mapping})
