"""Layers of a profile and how a higher one is laid over a lower one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from toolkit.profile.tree import Node, Origin
from toolkit.values import Value


class Layer(Value):
    """One layer: its name in the order of layers, the file or flag it comes from, and what it says."""

    name: str
    source: str
    node: Node


def merge(below: Node, above: Node) -> Node:
    """Return `above` laid over `below`: mappings merge key by key, everything else replaces, null included.

    Each value keeps the origin of the layer that said it; a merged mapping has that of the upper layer.
    """
    if not (isinstance(below.value, Mapping) and isinstance(above.value, Mapping)):
        return above
    merged = dict(below.value)
    for name, child in above.value.items():
        merged[name] = merge(merged[name], child) if name in merged else child
    return Node(merged, above.origin, above.key)


def merge_layers(layers: Sequence[Layer]) -> Node:
    """Return what all layers say together, the lowest layer first."""
    nothing = Origin("no layer")
    return reduce(merge, (layer.node for layer in layers), Node({}, nothing, nothing))


def complete_own_services(merged: Node) -> Node:
    """Return the profile with each entry of `own_services` laid over `own_service_base`: it says what differs."""
    base, own = merged.child("own_service_base"), merged.child("own_services")
    if base is None or own is None or not isinstance(own.value, Mapping):
        return merged
    completed = {name: merge(base, child) for name, child in own.value.items()}
    return merge(merged, nested(("own_services",), Node(completed, own.origin, own.key)))


def nested(path: Sequence[str], node: Node) -> Node:
    """Return mappings around a node, so that it stands under `path`; they share its origin."""
    for name in reversed(path):
        node = Node({name: node}, node.origin, node.origin)
    return node
