"""Who holds a port of this machine: a container, by the engine, or a process, by the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.probes.containers import Containers
    from toolkit.routines.blockers import PortHolder


def port_holder(containers: Containers, project: str, *, far: bool) -> PortHolder:
    """Return the way to ask; what the containers of `project` publish counts as free: no other can have it.

    The kernel can only be asked here: on a `far` machine a process that holds a port is told by the engine's refusal.
    """

    def holder(address: str, port: int) -> str | None:
        from toolkit.probes.host import port_listener  # noqa: PLC0415 - psutil, only where something is published

        container = containers.port_owner(port)
        if container is not None:
            own = any(fact.name == container for fact in containers.of_project(project))
            return None if own else f"container {container}"
        if far:
            return None
        listener = port_listener(address, port)
        return None if listener is None else listener.as_text()

    return holder
