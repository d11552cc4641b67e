"""Looks at who has the ports that services want."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from toolkit.facts import PortFact
from toolkit.probes.containers import PROJECT_LABEL

if TYPE_CHECKING:
    from toolkit.planning.plan import ServicePlan
    from toolkit.probes.engine_api import EngineApi

Listening = Callable[[str, int], str]
"""Names the program of this machine that listens in a way that excludes an address and port, "" for none."""

_ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to
NOWHERE: Listening = lambda _, __: ""  # noqa: E731 - for a machine that is not this one


def port_facts(
    services: Iterable[ServicePlan], project: str, api: EngineApi, listening: Listening, refusal: Listening
) -> tuple[PortFact, ...]:
    """Return each published port of `services`; what containers of `project` hold counts as free.

    `listening` names programs, `refusal` says why the kernel gives an address to nobody.
    """
    return tuple(
        _fact(service.name, published.host_ip, published.host_port + number, project, api, listening, refusal)
        for service in services
        for published in service.ports
        for number in range(published.count)
    )


def _fact(
    service: str,
    address: str,
    port: int,
    project: str,
    api: EngineApi,
    listening: Listening,
    refusal: Listening,
) -> PortFact:
    owner = _container(api, address, port)
    if owner is not None:
        own = (owner.get("Labels") or {}).get(PROJECT_LABEL) == project
        name = owner["Names"][0].removeprefix("/")
        return PortFact(service, address, port, "" if own else f"container {name}")
    return PortFact(service, address, port, listening(address, port), refusal(address, port))


def _container(api: EngineApi, address: str, port: int) -> dict[str, Any] | None:
    for found in api.containers({"publish": [str(port)]}, stopped=False):
        bound = [one for one in found.get("Ports") or () if one.get("PublicPort") == port]
        if any(_excludes(one.get("IP", ""), address) for one in bound):
            return found
    return None


def _excludes(one: str, other: str) -> bool:
    return one == other or one in _ANY or other in _ANY
