"""Which plain YAML scalars mean one thing to every reader; all others are refused."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.profile.tree import Scalar

TAG = "tag:yaml.org,2002:"

_SWITCH_WORDS = frozenset({"yes", "no", "on", "off", "y", "n"})
_TRUTH = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
# Text to YAML 1.1, a number to YAML 1.2.
_LATER_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+|0o[0-7]+")


class TrapError(ValueError):
    """A scalar that YAML readers understand differently: `what` it is taken for, and the `next_step`."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


def scalar_value(tag: str, text: str, *, quoted: bool) -> Scalar:
    """Return the value of a scalar by the tag that YAML 1.1 resolves it to.

    Raises TrapError where the text means something else than it seems to, or its tag is not a plain one.
    """
    kind = tag.removeprefix(TAG)
    if not quoted and text.lower() in _SWITCH_WORDS:
        what = f"`{text}` is true or false to some readers of YAML and text to others"
        raise TrapError(what, f'write "{text}" in quotes where text is meant, else true or false')
    if kind == "null":
        return None
    if kind == "str" and (quoted or not _LATER_NUMBER.fullmatch(text)):
        return text
    if kind == "bool" and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "float" and _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    raise _trap(tag, text)


def _trap(tag: str, text: str) -> TrapError:
    quotes = f'write "{text}" in quotes where text is meant'
    kind = tag.removeprefix(TAG)
    if kind == "timestamp":
        return TrapError(f"`{text}` is taken for a date by YAML", quotes)
    if kind == "merge":
        return TrapError("merge keys (`<<`) are not read in a profile", "write the keys out")
    if kind in {"int", "float", "str"}:
        return _number_trap(text, quotes)
    if kind == "value":
        return TrapError("a bare `=` has a meaning of its own in YAML", quotes)
    shown = f"!!{kind}" if tag.startswith(TAG) else tag
    return TrapError(f"the tag `{shown}` is not read in a profile", "remove the tag, write a plain value")


def _number_trap(text: str, quotes: str) -> TrapError:
    if _BASE_60.fullmatch(text):
        what = f"`{text}` is taken for a number in base 60 by YAML"
        return TrapError(what, f"{quotes}, lengths of time as 90s or 5m")
    if _OCTAL.fullmatch(text):
        decimal = int(text.replace("_", ""), 8)
        what = f"`{text}` is the octal number {decimal} to some readers of YAML, and not to others"
        return TrapError(what, f"{quotes}, else the number without the leading 0")
    what = f"`{text}` is a number in a spelling that readers of YAML do not agree on"
    return TrapError(what, f"{quotes}, else the number in plain digits")
