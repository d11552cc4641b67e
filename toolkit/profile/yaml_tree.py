"""From the parser's nodes to our tree: every key and value with its origin, and every trap noted."""

from __future__ import annotations

import yaml

from toolkit.profile.tree import Fault, KeyPath, Node, Origin, Scalar, dotted
from toolkit.profile.yaml_scalars import TAG, TrapError, scalar_value

_DEEPEST = 40
_MOST_VALUES = 20_000


class Reading:
    """What came out of one text: `node` (None where it says nothing), `faults`, whether it is `broken`."""

    def __init__(self, source: str, *, is_file: bool = True) -> None:
        self.source = source
        self.is_file = is_file
        self.node: Node | None = None
        self.faults: list[Fault] = []
        self.broken = False

    def at(self, line: int, column: int) -> Origin:
        """Return the origin of a place, both counted from 0 as the parser does; a flag has no lines."""
        return Origin(self.source, line + 1, column + 1) if self.is_file else Origin(self.source)

    def refuse(self, origin: Origin, what: str, got: str, next_step: str) -> None:
        """Note a fault that the rest of the text can be read in spite of."""
        self.faults.append(Fault(origin, what, got, next_step))

    def stop(self, origin: Origin, what: str, got: str, next_step: str) -> None:
        """Note a fault that leaves nothing to go on with."""
        self.refuse(origin, what, got, next_step)
        self.node, self.broken = None, True


class TooMuchError(ValueError):
    """The text unfolds to more than a profile can be, as an anchor that contains itself does."""


class TreeBuilder:
    """Turns one composed document into nodes; faults go to the reading, and building goes on."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._values = 0

    def build(self, raw: yaml.Node, path: KeyPath = (), key: Origin | None = None) -> Node:
        """Return the node of `raw`; raises TooMuchError where it is too deep or holds too many values."""
        self._values += 1
        if len(path) > _DEEPEST or self._values > _MOST_VALUES:
            raise TooMuchError(dotted(path[:3]))
        origin = self._at(raw)
        key = key or origin
        if isinstance(raw, yaml.ScalarNode):
            value = self._scalar(raw, f"{dotted(path)}: {raw.value}" if path else raw.value)
            return Node(value, origin, key, raw.value)
        self._check_tag(raw, path)
        # A mapping or a list begins below its key: where to look for it is the line of the key.
        if isinstance(raw, yaml.MappingNode):
            return Node(self._mapping(raw, path), key, key)
        return Node(tuple(self.build(item, (*path, i)) for i, item in enumerate(raw.value)), key, key)

    def _at(self, raw: yaml.Node) -> Origin:
        return self._reading.at(raw.start_mark.line, raw.start_mark.column)

    def _scalar(self, raw: yaml.ScalarNode, got: str) -> Scalar:
        try:
            return scalar_value(raw.tag, raw.value, quoted=raw.style is not None and raw.style != "")
        except TrapError as trap:
            self._reading.refuse(self._at(raw), trap.what, got, trap.next_step)
            return str(raw.value)

    def _check_tag(self, raw: yaml.Node, path: KeyPath) -> None:
        if raw.tag != TAG + ("map" if isinstance(raw, yaml.MappingNode) else "seq"):
            shown = raw.tag.replace(TAG, "!!")
            what = f"the tag `{shown}` is not read in a profile"
            self._reading.refuse(self._at(raw), what, dotted(path), "remove the tag, write plain values")

    def _mapping(self, raw: yaml.MappingNode, path: KeyPath) -> dict[str, Node]:
        children: dict[str, Node] = {}
        for raw_key, raw_value in raw.value:
            name = self._key(raw_key, path)
            if name is None:
                continue
            here = self._at(raw_key)
            if name in children:
                first = children[name].key
                what = f"the key `{name}` is there twice: in line {first.line} and in line {here.line}"
                self._reading.refuse(here, what, dotted((*path, name)), "remove one of the two")
            children[name] = self.build(raw_value, (*path, name), here)
        return children

    def _key(self, raw: yaml.Node, path: KeyPath) -> str | None:
        under = f" under `{dotted(path)}`" if path else ""
        if not isinstance(raw, yaml.ScalarNode):
            what = "a list or a mapping stands where a key is expected"
            next_step = "write a plain key; quote text that begins with { or ["
            self._reading.refuse(self._at(raw), what + under, "", next_step)
            return None
        faults_before = len(self._reading.faults)
        value = self._scalar(raw, f"the key `{raw.value}`{under}")
        if not isinstance(value, str) and len(self._reading.faults) == faults_before:
            what = f"the key `{raw.value}`{under} is not text"
            self._reading.refuse(self._at(raw), what, "", f'write "{raw.value}" in quotes')
        return str(raw.value)
