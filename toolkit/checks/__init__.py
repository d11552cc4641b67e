"""One file per check; all of them are found by looking, none is listed."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Collection
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache

from toolkit.checking import Check, Suite
from toolkit.errors import Problem, UsageError


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of this room, by id. Raises ValueError where two have one id, or a file has not just one."""
    found = [_check(module.name) for module in pkgutil.iter_modules(__path__)]
    ids = [check.id for check in found]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"checks with one id: {', '.join(twice)}")
    return tuple(sorted(found, key=lambda check: check.id))


def of_suite(suite: Suite) -> tuple[Check, ...]:
    """Return the checks that belong to `suite`."""
    return tuple(check for check in all_checks() if suite in check.suites)


def chosen(suite: Suite, only: Collection[str] = (), skip: Collection[str] = ()) -> tuple[Check, ...]:
    """Return the checks of `suite` that `only` names (all without any) but for those that `skip` names.

    A name is an id or a pattern such as `gpu.*`. Raises UsageError for one that fits none, proposing the nearest.
    """
    known = of_suite(suite)
    for name in (*only, *skip):
        if not any(fnmatchcase(check.id, name) for check in known):
            named(name)
            problem = Problem(
                "ID", f"`{name}` is no check of {suite}", "", "`toolkit checks list` says who asks it"
            )
            raise UsageError(problem)
    return tuple(
        check
        for check in known
        if (not only or any(fnmatchcase(check.id, name) for name in only))
        and not any(fnmatchcase(check.id, name) for name in skip)
    )


def named(check_id: str) -> Check:
    """Return the check of that id. Raises UsageError for an unknown one, proposing the nearest."""
    known = {check.id: check for check in all_checks()}
    if check_id not in known:
        near = get_close_matches(check_id, known, 1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise UsageError(
            Problem("ID", f"no check `{check_id}`", "", f"{hint}`toolkit checks list` names all of them")
        )
    return known[check_id]


def _check(name: str) -> Check:
    module = importlib.import_module(f"{__name__}.{name}")
    checks = [value for value in vars(module).values() if isinstance(value, Check)]
    if len(checks) != 1 or name != re.sub(r"[.-]", "_", checks[0].id):
        raise ValueError(f"checks/{name}.py: it has to hold one check, with the id that its name says")
    return checks[0]
