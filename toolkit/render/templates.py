"""Templates → text: an undefined name is an error, nothing is escaped, every file ends with one newline."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import jinja2

from toolkit.errors import Problem, UsageError
from toolkit.render.additions import Replaced
from toolkit.render.compiled import CompiledBeside

_NOTHING: Mapping[str, Replaced] = MappingProxyType({})
_FOLDER = "templates/"


@lru_cache(maxsize=4)
def _environment(directory: Path, replaced: tuple[tuple[str, str], ...]) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.DictLoader(dict(replaced)), jinja2.FileSystemLoader(directory)]),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration files, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=CompiledBeside(jinja2.compiler.__file__, __file__),
    )


def render_template(
    directory: Path, name: str, values: Mapping[str, object], replaced: Mapping[str, Replaced] = _NOTHING
) -> str:
    """Return the text of template `name` in `directory` with `values` filled in.

    A text in `replaced`, by `templates/NAME`, stands in the place of a shipped template. Raises UsageError where such
    a one cannot be rendered, jinja2.UndefinedError where a shipped one names a value that the plan does not give.
    """
    texts = tuple(
        (path.removeprefix(_FOLDER), ours.text) for path, ours in replaced.items() if path.startswith(_FOLDER)
    )
    try:
        return _environment(directory, texts).get_template(name).render(values)
    except (jinja2.TemplateError, TypeError) as error:
        ours = replaced.get(_FOLDER + name)
        if ours is None:
            raise
        step = f"correct it; `{_FOLDER}{name}` as it is shipped shows the values that there are"
        where = f"{ours.file}:{_line(error)}"
        raise UsageError(Problem(where, "the template cannot be rendered", str(error), step)) from error


def _line(error: Exception) -> int:
    """Return the template's line that failed, which Jinja tells as an attribute or in the traceback."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    inside = [
        step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == "<template>"
    ]
    return (inside[-1] if inside else None) or 1
