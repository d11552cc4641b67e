"""Takes option values that are right at first sight; typer would load pydantic for each, 0.1 s of every verb."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable


class FirstSightCommand(TyperCommand):
    """A command whose plain values pass; whatever is not plainly right, typer itself judges and words."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` among them."""
        return [_look_first(parameter) for parameter in super().get_params(ctx)]


class FirstSightGroup(TyperGroup):
    """The same for the options before a verb."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` among them."""
        return [_look_first(parameter) for parameter in super().get_params(ctx)]


def _look_first(parameter: Any) -> Any:
    if "get_runtime_param" not in vars(parameter):
        parameter.get_runtime_param = partial(_FirstSight, parameter.get_runtime_param)
    return parameter


@dataclass(frozen=True, slots=True)
class _FirstSight:
    """In the place of typer's own coercion, which `ask` makes."""

    ask: Callable[[], Any]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        found = _plain(value, param)
        return self.ask().coerce(value, param=param, ctx=ctx) if found is None else found


def _plain(value: Any, param: Any) -> Any:
    """Return the value as its annotation wants it, None where that takes more than a look."""
    wanted = param.type_descriptor.annotation
    if wanted is str and isinstance(value, str):
        return value
    if wanted == list[str] and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return list(value)
    if wanted is Path:
        info = param.type_descriptor.parameter_info
        only_directories = info.exists and info.dir_okay and not info.file_okay and not info.resolve_path
        return Path(value) if only_directories and Path(value).is_dir() else None
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next((one for one in wanted if value in (one, one.value)), None)
    return None
