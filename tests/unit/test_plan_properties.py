"""What holds for every profile: no host gives more than it has, and more of a machine never takes anything away."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.plans import settings
from toolkit.errors import UsageError
from toolkit.planning.build import build_plan
from toolkit.planning.plan import Plan
from toolkit.settings.root import Settings
from toolkit.units import MIB
from toolkit.values import replace

GIB = 1024 * MIB
MODELS = ("qwen3-0.6b", "qwen3-1.7b", "qwen3-4b-awq", "qwen3-8b-awq", "qwen3-14b-awq")
SHARED = ("redis", "mariadb", "vector_db", "elasticsearch", "api_server", "chat_server", "auth_server")
OPEN = {"max_model_len": "auto", "max_num_seqs": "auto", "max_num_batched_tokens": "auto"}


def gpu(index: int, memory: int) -> dict[str, Any]:
    return {"index": index, "uuid": None, "name": "NVIDIA", "memory": memory}


def changed(given_settings: Settings, **services: dict[str, Any]) -> Settings:
    """Return the settings with leaves of services replaced, as if a layer had said them."""
    sections = {
        key: getattr(given_settings.services, key).model_copy(update=leaves)
        for key, leaves in services.items()
    }
    return given_settings.model_copy(update={"services": given_settings.services.model_copy(update=sections)})


def machine(given_settings: Settings, memory: int, cards: int, card_bytes: int) -> Settings:
    """Return the settings on a host with so much memory and so many like cards."""
    host = given_settings.hosts["local"]
    card = host.gpus[0]
    gpus = [card.model_copy(update={"index": i, "uuid": None, "memory": card_bytes}) for i in range(cards)]
    local = host.model_copy(update={"memory": memory, "gpus": gpus})
    return given_settings.model_copy(update={"hosts": {"local": local}})


def attempt(given_settings: Settings) -> Plan | None:
    try:
        return build_plan(given_settings)
    except UsageError:
        return None


def work(plan: Plan) -> dict[str, int]:
    """Return context × sequences of every model server."""
    found = {}
    for service in plan.services:
        words = dict(zip(service.command, service.command[1:], strict=False))
        if "--max-model-len" in words:
            found[service.name] = int(words["--max-model-len"]) * int(words["--max-num-seqs"])
    return found


AMOUNTS = st.one_of(st.integers(256 * MIB, 16 * GIB), st.floats(0.01, 0.3))
PROFILES = st.fixed_dictionaries(
    {
        "services": st.fixed_dictionaries(
            {key: st.fixed_dictionaries({"memory": AMOUNTS}) for key in SHARED}
        ),
        "general": st.sampled_from(MODELS),
        "fast": st.sampled_from(MODELS),
        "concurrency": st.sampled_from((1, 4, 16)),
        "memory": st.integers(16 * GIB, 512 * GIB),
        "card": st.integers(8 * GIB, 80 * GIB),
        "cards": st.integers(1, 4),
        "fixed": st.booleans(),
        "replicas": st.integers(1, 2),
    }
)


def profile(drawn: dict[str, Any]) -> Settings:
    """Return the settings that were drawn; both models share card 0, or have one each where there are two."""
    base = settings(environment="production", machine="rtx-5090")
    flags = base.services.llm_general.flags.model_copy(update={} if drawn["fixed"] else OPEN)
    alone = drawn["cards"] > 1
    shared = {"flags": flags, "concurrency": drawn["concurrency"]}
    general = {**shared, "model": drawn["general"], "gpus": [0], "gpu_share": None if alone else 0.65}
    fast = {
        **shared,
        "model": drawn["fast"],
        "gpus": [1 if alone else 0],
        "gpu_share": None if alone else 0.35,
    }
    services = {key: dict(leaves) for key, leaves in drawn["services"].items()}
    services["api_server"]["replicas"] = drawn["replicas"]
    # Fixed amounts of replicas count as often.
    wanted = changed(base, llm_general=general, llm_fast=fast, **services)
    return machine(wanted, drawn["memory"], drawn["cards"], drawn["card"])


@hypothesis_settings(max_examples=60, deadline=None)
@given(PROFILES)
def test_no_plan_promises_more_than_a_host_has(drawn: dict[str, Any]) -> None:
    plan = attempt(profile(drawn))
    if plan is None:
        return
    for host in plan.hosts:
        every = [s for s in (*plan.services, *plan.reserved) if s.host == host.name]
        assert sum(s.memory_bytes * s.replicas for s in every) == host.planned_bytes
        assert host.planned_bytes + host.headroom_bytes <= host.memory_bytes
        for card in host.cards:
            held = [s for s in every if not s.on_demand and any(p.index == card.index for p in s.gpus)]
            assert sum(next(p.share for p in s.gpus if p.index == card.index) for s in held) <= 1 + 1e-9
        assert all(s.cpus <= host.cpus for s in every)


@hypothesis_settings(max_examples=60, deadline=None)
@given(PROFILES, st.integers(0, 256 * GIB), st.integers(0, 2))
def test_more_memory_or_a_like_card_takes_nothing_away(drawn: dict[str, Any], more: int, cards: int) -> None:
    before = attempt(profile(drawn))
    if before is None:
        return
    larger = {**drawn, "memory": drawn["memory"] + more}
    # A card more is spare: who is on which card is the profile's to say.
    wanted = machine(profile(larger), larger["memory"], drawn["cards"] + cards, drawn["card"])
    after = attempt(wanted)
    assert after is not None
    assert {s.name for s in after.services} >= {s.name for s in before.services}
    assert all(work(after)[name] >= size for name, size in work(before).items())
    limits = {s.name: s.memory_bytes for s in after.services}
    assert all(limits[s.name] >= s.memory_bytes for s in before.services)


@hypothesis_settings(max_examples=40, deadline=None)
@given(PROFILES, st.integers(0, 40 * GIB))
def test_a_larger_card_takes_nothing_away(drawn: dict[str, Any], more: int) -> None:
    before = attempt(profile(drawn))
    after = attempt(profile({**drawn, "card": drawn["card"] + more}))
    if before is not None:
        assert after is not None
        assert all(work(after)[name] >= size for name, size in work(before).items())


@hypothesis_settings(max_examples=25, deadline=None)
@given(PROFILES)
def test_a_plan_is_a_pure_function_of_its_inputs(drawn: dict[str, Any]) -> None:
    first, second = attempt(profile(drawn)), attempt(profile(drawn))
    assert first == second
    if first is not None:
        assert list(first.reasons) == list((second or replace(first)).reasons)


def test_these_properties_are_asked_of_plans_that_come_out() -> None:
    """At least what is shipped plans: otherwise nothing would be asked above."""
    shipped = {
        "services": {key: {"memory": 0.05} for key in SHARED},
        "general": "qwen3-8b-awq",
        "fast": "qwen3-1.7b",
        "concurrency": 4,
        "memory": 64 * GIB,
        "card": 31 * GIB,
        "cards": 1,
        "fixed": False,
        "replicas": 1,
    }
    plan = attempt(profile(shipped))
    assert plan is not None
    assert len(work(plan)) == 2
