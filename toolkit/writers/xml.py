"""Elements of XML and SVG whose texts can be anything: what XML cannot hold is replaced, the rest escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

# What XML 1.0 cannot hold at all, escaped or not; what a log prints may have some of it.
_FOREIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(
    tag: str, text: str | None = None, children: Iterable[ET.Element] = (), /, **given: object
) -> ET.Element:
    """Return an element; an attribute that is a word of Python ends with `_`, `-` is written `_`."""
    names = {key.removesuffix("_").replace("_", "-"): value for key, value in given.items()}
    made = ET.Element(tag, {name: clean(str(value)) for name, value in names.items()})
    made.text = None if text is None else clean(text)
    made.extend(list(children))
    return made


def clean(text: str) -> str:
    """Return `text` with every character that XML cannot hold replaced."""
    return _FOREIGN.sub("\ufffd", text)
