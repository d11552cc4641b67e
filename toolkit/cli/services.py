"""Services as the command line names them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def known_services(names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return `names`, each one of `known`. Raises UsageError that proposes the nearest one."""
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise UsageError(
                Problem("SERVICES", f"no service `{name}`", "", f"{hint}known: {', '.join(known)}")
            )
    return tuple(names)
