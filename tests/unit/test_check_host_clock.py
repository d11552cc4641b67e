"""host.clock: right, or kept by somebody, where others depend on it."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.host_clock import host_clock
from toolkit.facts import ClockFact


@pytest.mark.parametrize(
    ("synchronised", "offset_s", "machine", "status"),
    [
        (True, None, "cpu-online", Status.PASS),
        (False, None, "cpu-online", Status.WARN),
        (False, None, "cpu-offline", Status.PASS),
        (False, -30.0, "cpu-online", Status.PASS),
        (True, 31.0, "cpu-offline", Status.WARN),
    ],
)
def test_a_server_s_date_counts_more_than_the_kernel_s_word(
    synchronised: bool, offset_s: float | None, machine: str, status: Status
) -> None:
    (found,) = ask(host_clock, plan(machine=machine), clock=ClockFact(synchronised, offset_s))
    assert found.status is status


def test_how_far_off_it_is() -> None:
    (found,) = ask(host_clock, clock=ClockFact(False, 3600.4))
    assert found.observed == "not known to be synchronised, +3600 s off a server's"
    assert found.remedy == "`timedatectl set-ntp true`, or install chrony"
