"""The models behind the edge: each is a pool of equal servers, and may have another pool that stands in for it."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.values import Value

_FIRST_NUMBER = 101


class EdgeServer(Value):
    """One server process: `name` is what x-served-by says, host and port are where the edge reaches it."""

    name: str
    host: str
    port: int


class EdgeModel(Value):
    """A model by its public name, its equal servers, and the model that stands in for it.

    `max_in_flight` is how many requests each of the servers is given at once, the rest wait at the edge;
    `fallback` is the name of another EdgeModel; `pooling` says that it answers with embeddings, not with text;
    `adapters` are further names that are its own.
    """

    name: str
    servers: tuple[EdgeServer, ...]
    max_in_flight: int
    fallback: str | None
    pooling: bool = False
    adapters: tuple[str, ...] = ()


class EdgePool(Value):
    """An EdgeModel as the templates want it.

    `name` is that of its first server: a model's own name may have letters that HAProxy takes in no name. `asked` are
    the names that lead to it, between spaces.
    `number` is its id at HAProxy, `other` the pool that stands in for it, `siblings` how many other servers
    each of its servers has, `ready_pattern` its name in a regular expression.
    """

    name: str
    model: str
    asked: str
    number: int
    servers: tuple[EdgeServer, ...]
    siblings: int
    max_in_flight: int
    other: str | None
    pooling: bool
    ready_pattern: str


def edge_pools(models: Sequence[EdgeModel]) -> tuple[EdgePool, ...]:
    """Return a pool for each model, in their order.

    Raises ValueError for a model without a server, for a name that two servers have, and where a fallback
    names no other model of the list.
    """
    _refuse_impossible(models)
    names = {model.name: model.servers[0].name for model in models}
    return tuple(
        EdgePool(
            name=names[model.name],
            model=model.name,
            asked=" ".join((model.name, *model.adapters)),
            number=number,
            servers=model.servers,
            siblings=len(model.servers) - 1,
            max_in_flight=model.max_in_flight,
            other=None if model.fallback is None else names[model.fallback],
            pooling=model.pooling,
            ready_pattern=model.name.replace(".", "[.]"),
        )
        for number, model in enumerate(models, _FIRST_NUMBER)
    )


def _refuse_impossible(models: Sequence[EdgeModel]) -> None:
    servers = [server.name for model in models for server in model.servers]
    for model in models:
        others = {other.name for other in models if other is not model}
        if not model.servers:
            raise ValueError(f"model {model.name}: no server")
        if model.fallback is not None and model.fallback not in others:
            raise ValueError(f"fallback of {model.name}: {model.fallback!r} is none of {sorted(others)}")
    for name in servers:
        if servers.count(name) > 1:
            raise ValueError(f"two servers are named {name}")
