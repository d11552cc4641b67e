"""Templates → text: an undefined name is an error, nothing is escaped, every file ends with one newline."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jinja2


@lru_cache(maxsize=4)
def _environment(directory: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render_template(directory: Path, name: str, values: Mapping[str, object]) -> str:
    """Return the text of template `name` in `directory` with `values` filled in.

    Raises jinja2.UndefinedError when the template names a value that the plan does not give.
    """
    return _environment(directory).get_template(name).render(values)
