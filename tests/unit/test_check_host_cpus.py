"""host.cpus: what the engine has against what is planned."""

from __future__ import annotations

from tests.support.findings import ENGINE, ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.host_cpus import host_cpus
from toolkit.values import replace


def test_as_many_as_planned() -> None:
    there = int(plan().hosts[0].cpus)
    assert {one.status for one in ask(host_cpus, engine=replace(ENGINE, cpus=there))} == {Status.PASS}


def test_a_service_above_the_machine_is_refused_and_the_host_corrected() -> None:
    wanted = plan("services.redis.cpus=2.0", "hosts.local.cpus=4.0")
    found = ask(host_cpus, wanted, engine=replace(ENGINE, cpus=1))
    failed = {one.subject: one.remedy for one in found if one.status is Status.FAIL}
    assert failed["redis"] == "services.redis.cpus: 1.0"
    (host,) = (one for one in found if one.status is Status.WARN)
    assert (host.observed, host.remedy) == ("1 processors", "write what it has: hosts.local.cpus: 1.0")
