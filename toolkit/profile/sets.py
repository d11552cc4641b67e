"""`--set services.redis.memory=2GiB`: one key and its value, by the same strict rules as a file."""

from __future__ import annotations

import re

from toolkit.profile.layers import Layer, nested
from toolkit.profile.names import CHOOSING
from toolkit.profile.tree import Fault, Origin, dotted
from toolkit.profile.yaml_source import read_value

_PART = re.compile(r'"([^"]+)"|([A-Za-z_][\w-]*)')
_KEY = re.compile(rf"(?:{_PART.pattern})(?:\.(?:{_PART.pattern}))*")
_EXAMPLE = "write --set KEY=VALUE, such as --set services.redis.memory=2GiB"


def read_set(text: str) -> tuple[Layer | None, list[Fault]]:
    """Return the layer of one `--set`, or None and what is wrong with it; its origin is `--set KEY`."""
    key = _KEY.match(text)
    if key is None or text[key.end() : key.end() + 1] != "=":
        return None, [_bad_form(text)]
    path = tuple(quoted or bare for quoted, bare in _PART.findall(key[0]))
    source = f"--set {dotted(path)}"
    if path[0] in CHOOSING:
        what, next_step = f"`{path[0]}` decides which layers are read", f"{CHOOSING[path[0]]} instead"
        return None, [Fault(Origin(source), what, text, next_step)]
    reading = read_value(text[key.end() + 1 :], source, path)
    if reading.node is None:
        empty = Fault(Origin(source), "there is no value after the `=`", text, 'write null, "" or a value')
        return None, reading.faults or [empty]
    return Layer("--set", source, nested(path, reading.node)), reading.faults


def _bad_form(text: str) -> Fault:
    if "=" not in text:
        return Fault(Origin("--set"), "there is no `=`", text, _EXAMPLE)
    what = "the key cannot be read"
    next_step = 'join names by dots, in quotes where a name holds a dot: models."qwen3-0.6b".revision=main'
    return Fault(Origin("--set"), what, text, next_step)
