"""Values of a profile by their keys, as the inputs of a Reason name them."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.settings.root import Settings


def said(settings: Settings, *keys: str) -> dict[str, object]:
    """Return what the profile says of each dotted key; a part of a mapping may be its name."""
    root: object = settings
    return {key: reduce(_child, key.split("."), root) for key in keys}


def model_key(name: str) -> str:
    """Return the key of a model of the catalogue: its name is in quotes where it has a dot."""
    return f"models.{name}" if re.fullmatch(r"[A-Za-z_][\w-]*", name) else f'models."{name}"'


def _child(section: object, name: str) -> object:
    return section[name] if isinstance(section, dict) else getattr(section, name)
