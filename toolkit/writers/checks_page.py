"""The page of all checks, from what each of them says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from toolkit.checking import Check
from toolkit.linking import SAME

_HEAD = """\
# Checks

What `toolkit preflight`, `toolkit diagnose` and the other examinations look at, and how each of it is judged.
`toolkit checks explain ID` shows the same. Ids stay as they are; `toolkit diagnose ID` asks one check, or a pattern
such as `'gpu.*'`. This page is made from the checks' own words by `make golden`.
"""


def page(checks: Iterable[Check]) -> str:
    """Return the page as Markdown: a section for each area, in the order of the ids."""
    parts = [_HEAD]
    for area, members in groupby(sorted(checks, key=lambda check: check.id), key=lambda check: check.area):
        parts += [f"## {area}\n", *(_entry(check) for check in members)]
    return "\n".join(parts)


def _entry(check: Check) -> str:
    suites = ", ".join(sorted(check.suites))
    needs = ", ".join(sorted(check.needs))
    lines = [
        f"### `{check.id}`",
        "",
        f"**{check.title}** ({suites}). Looks at: {needs}.",
        "",
        check.explanation,
    ]
    if check.explains:
        lines += ["", f"Explains: {', '.join(map(_explained, check.explains))}."]
    return "\n".join([*lines, ""])


def _explained(pattern: str) -> str:
    """Name what a pattern of `explains` stands for."""
    same = pattern.startswith(SAME)
    return f"`{pattern.removeprefix(SAME)}`" + (" of the same service" if same else "")
