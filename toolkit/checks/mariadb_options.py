"""Is MariaDB given options that it no longer knows?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_REMOVED = re.compile(r"\[Warning\] '?(?:--)?(?P<option>[\w-]+)'? (?:was removed|is deprecated)")


@check(
    "mariadb.options",
    "MariaDB knows all of its options",
    needs={Need.LOGS},
    suites={Suite.DIAGNOSE},
)
def mariadb_options(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Warn where its log says that an option was removed or will be: what it was set for does not happen.

    None of the shipped template is; they come from `overrides:` and `patches:`.
    """
    del plan
    for one in known(seen.logs):
        if one.service != "mariadb":
            continue
        matches = [(line, match) for line in one.lines if (match := _REMOVED.search(line)) is not None]
        names = sorted({match["option"] for _, match in matches})
        yield Finding(
            one.service,
            Status.WARN if names else Status.PASS,
            f"without effect: {', '.join(names)}" if names else "no option is without effect",
            "",
            "this version has removed them" if names else "",
            "take them out of the file that `overrides:` or `patches:` names" if names else "",
            tuple(dict.fromkeys(line for line, _ in matches)),
        )
