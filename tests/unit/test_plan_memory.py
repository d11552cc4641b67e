"""How a host's memory is divided: shares within bounds, and a sum that is never promised twice."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plans import plan, settings
from toolkit.errors import UsageError
from toolkit.planning.memory import Demand, HostMemory, allocate, headroom_bytes
from toolkit.planning.survey import survey
from toolkit.units import MIB, parse_bytes
from toolkit.values import replace

GIB = 1024 * MIB
HOST = HostMemory("local", 24 * GIB, 4 * GIB)
CACHE = Demand("redis", 0.25, GIB, 8 * GIB)
EDGE = Demand("edge", 4 * GIB, MIB, None)


def test_fixed_amounts_come_first_and_shares_are_of_the_rest() -> None:
    assert allocate(HOST, [EDGE, CACHE], 1.0) == {"edge": 4 * GIB, "redis": 4 * GIB}


@pytest.mark.parametrize(
    ("demand", "host_share", "given_bytes"),
    [
        (CACHE, 0.5, 5 * GIB // 2),
        # never under the floor, however little the environment plans with
        (CACHE, 0.01, GIB),
        # never over the ceiling
        (replace(CACHE, amount=0.9), 1.0, 8 * GIB),
        (replace(CACHE, amount=0.9, ceiling_bytes=None), 1.0, 18 * GIB),
        # replicas divide what the service gets
        (replace(CACHE, times=2), 1.0, 5 * GIB // 2),
        # a fixed amount is taken as it is, for each replica
        (Demand("redis", 3 * GIB, 4 * GIB, 2 * GIB, times=2), 0.1, 3 * GIB),
    ],
)
def test_a_share_stays_within_its_bounds(demand: Demand, host_share: float, given_bytes: int) -> None:
    assert allocate(HOST, [demand], host_share) == {"redis": given_bytes}


def test_too_much_is_refused_with_the_sum_and_a_proposal() -> None:
    with pytest.raises(UsageError) as caught:
        allocate(HOST, [EDGE, Demand("mariadb", 20 * GIB, GIB, None), CACHE], 1.0)
    assert str(caught.value) == (
        "hosts.local: its services are promised 5GiB more than it can give\n"
        "   got: mariadb            20.0 GiB  fixed\n"
        "        edge                4.0 GiB  fixed\n"
        "        redis               1.0 GiB  25.0% of the host, at least 1GiB\n"
        "        together           25.0 GiB\n"
        "        the host           24.0 GiB  less 4GiB for system and engine\n"
        "  next: these fit, in the same ratios; in toolkit.yaml:\n"
        "        services:\n"
        "          edge: {memory: 3242MiB}\n"
        "          mariadb: {memory: 16213MiB}\n"
        "          redis: {memory: 1GiB}"
    )


def test_a_host_with_less_than_the_floors_is_told_so() -> None:
    with pytest.raises(UsageError) as caught:
        allocate(HostMemory("local", GIB, 0), [replace(CACHE, times=2)], 1.0)
    assert caught.value.problems[0].next_step == (
        "turn a service off, or move one to another host: together they need 2GiB at least"
    )


# What the specification promises its `app` host, taken literally: 140 GB of 128.
LITERAL = {
    "api_server": 16,
    "chat_server": 8,
    "auth_server": 4,
    "mariadb": 64,
    "elasticsearch": 32,
    "redis": 16,
}


def literal() -> tuple[str, ...]:
    wanted = (f"services.{key}.memory={gib}GiB" for key, gib in LITERAL.items())
    return (*wanted, "services.elasticsearch.enabled=true", "services.api_server.replicas=1")


def test_the_literal_140_of_128_is_refused_with_its_sum() -> None:
    with pytest.raises(UsageError) as caught:
        plan(*literal(), environment="production", machine="two-hosts")
    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == (
        "hosts.app",
        "its services are promised 20152MiB more than it can give",
    )
    assert "mariadb            64.0 GiB  fixed" in problem.got
    assert "together          140.0 GiB" in problem.got
    assert "the host          128.0 GiB  less 7864MiB for system and engine" in problem.got


def test_the_proposal_for_it_plans_in_the_same_ratios() -> None:
    with pytest.raises(UsageError) as caught:
        plan(*literal(), environment="production", machine="two-hosts")
    head, _, lines = caught.value.problems[0].next_step.partition("\n")
    assert head == "these fit, in the same ratios; in toolkit.yaml:"
    proposed = yaml.safe_load(lines)["services"]
    sets = [f"services.{key}.memory={section['memory']}" for key, section in proposed.items()]

    # The later of two words counts.
    site, (_, app) = survey(settings(*literal(), *sets, environment="production", machine="two-hosts"))

    assert 0 <= app.free_bytes < len(sets) * MIB
    for key, gib in LITERAL.items():
        assert site.memory[key] / site.memory["mariadb"] == pytest.approx(gib / 64, rel=0.001)


@pytest.mark.parametrize(("total", "kept"), [(GIB, 768 * MIB), (64 * GIB, 3932 * MIB), (512 * GIB, 8 * GIB)])
def test_headroom_is_a_share_within_bounds(total: int, kept: int) -> None:
    assert headroom_bytes(total, 0.06, 768 * MIB, 8 * GIB) == kept


DEMANDS = st.lists(
    st.builds(
        Demand,
        service=st.uuids().map(str),
        amount=st.one_of(st.integers(MIB, 64 * GIB), st.floats(0.001, 1.0)),
        floor_bytes=st.integers(MIB, GIB),
        ceiling_bytes=st.one_of(st.none(), st.integers(GIB, 64 * GIB)),
        times=st.integers(1, 4),
    ),
    max_size=12,
)


def fits(host: HostMemory, demands: list[Demand], share: float) -> dict[str, int] | None:
    try:
        return allocate(host, demands, share)
    except UsageError:
        return None


@given(DEMANDS, st.integers(GIB, 512 * GIB), st.floats(0.01, 1.0))
def test_no_host_is_ever_promised_more_than_it_can_give(
    demands: list[Demand], total: int, share: float
) -> None:
    host = HostMemory("any", total, headroom_bytes(total, 0.06, 768 * MIB, 8 * GIB))
    given_bytes = fits(host, demands, share)
    if given_bytes is not None:
        assert sum(given_bytes[d.service] * d.times for d in demands) <= host.plannable_bytes


@given(DEMANDS, st.integers(GIB, 256 * GIB), st.integers(0, 256 * GIB), st.floats(0.01, 1.0))
def test_more_memory_never_takes_anything_away(
    demands: list[Demand], total: int, more: int, share: float
) -> None:
    # More than all of a host cannot be asked of it: then more memory only asks for more.
    whole = sum(d.amount for d in demands if isinstance(d.amount, float))
    if whole > 1:
        demands = [replace(d, amount=d.amount / whole) if isinstance(d.amount, float) else d for d in demands]
    kept = 768 * MIB
    before = fits(HostMemory("any", total, kept), demands, share)
    if before is None:
        return
    after = fits(HostMemory("any", total + more, kept), demands, share)
    assert after is not None
    assert all(after[name] >= amount for name, amount in before.items())


@given(DEMANDS, st.integers(GIB, 256 * GIB))
def test_what_is_proposed_fits_and_is_not_under_any_floor(demands: list[Demand], total: int) -> None:
    host = HostMemory("any", total, 768 * MIB)
    try:
        allocate(host, demands, 1.0)
    except UsageError as error:
        head, _, lines = error.problems[0].next_step.partition("\n")
        if not head.startswith("these fit"):
            assert sum(d.floor_bytes * d.times for d in demands) > host.plannable_bytes
            return
        proposed = {
            key.replace("_", "-"): parse_bytes(section["memory"])
            for key, section in yaml.safe_load(lines)["services"].items()
        }
        given_bytes = {d.service: proposed[d.service.replace("_", "-")] for d in demands}
        assert all(given_bytes[d.service] >= d.floor_bytes for d in demands)
        assert sum(given_bytes[d.service] * d.times for d in demands) <= host.plannable_bytes
