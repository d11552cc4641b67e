"""Are the ports free that services want?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.facts import PortFact
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


@check(
    "port.free",
    "The ports are free that services publish",
    needs={Need.PORTS},
    suites={Suite.PREFLIGHT, Suite.DIAGNOSE},
)
def port_free(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where another program or container holds a port, by name, and where its address is not this machine's."""
    sections = {service.name: service.section for service in plan.services}
    return (_finding(port, sections[port.service]) for port in known(seen.ports))


def _finding(port: PortFact, section: str) -> Finding:
    where = f"{port.address}:{port.port}"
    if port.holder:
        remedy = f"stop it, or choose another port: {section}.port in toolkit.yaml"
        cause = f"held by {port.holder}"
        return Finding(port.service, Status.FAIL, f"port {where} is taken", cause=cause, remedy=remedy)
    if port.refusal:
        remedy = (
            "`ip address` lists this machine's; correct hosts.*.address or services.*.address in toolkit.yaml"
        )
        return Finding(
            port.service, Status.FAIL, f"nobody can listen on {where}", cause=port.refusal, remedy=remedy
        )
    return Finding(port.service, Status.PASS, f"port {where} is free, or its own already")
