"""Cards: pinned by UUID where known, promised once, shared only where it is said."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.support.plans import plan
from toolkit.errors import Problem, UsageError
from toolkit.planning.cards import CardDemand, double_promises, pin_cards, shared_with
from toolkit.planning.plan import Card, CardPin, Plan

UUID = "GPU-5d6f2a1c-0b7e-4c55-9a51-2f3d8f6b7c90"
CARDS = (Card(0, None, "RTX", 2**34), Card(1, UUID, "RTX", 2**34))


def demand(*wanted: int | str, share: float | None = None, on_demand: bool = False) -> CardDemand:
    return CardDemand("llm_general", "ai", wanted, share, on_demand)


def flag(plan: Plan, name: str, flag: str) -> str | None:
    service = plan.service(name)
    assert service is not None
    words = dict(zip(service.command, service.command[1:], strict=False))
    return words.get(flag)


def test_a_card_is_pinned_by_its_uuid_where_that_is_known() -> None:
    assert pin_cards(demand(0, 1), CARDS) == (CardPin(0, "0", 1.0), CardPin(1, UUID, 1.0))
    assert pin_cards(demand(UUID, share=0.25), CARDS) == (CardPin(1, UUID, 0.25),)
    assert pin_cards(demand(), ()) == ()


@pytest.mark.parametrize(
    ("wanted", "cards", "text"),
    [
        (
            7,
            CARDS,
            "services.llm_general.gpus: host `ai` has no such card\n"
            "   got: 7\n"
            f"  next: it has 0 (RTX), 1 ({UUID})",
        ),
        (
            0,
            (),
            "services.llm_general.gpus: host `ai` has no cards\n"
            "   got: [0]\n"
            "  next: declare its cards under hosts.ai.gpus, choose a --hardware that has some, or write []",
        ),
    ],
)
def test_a_card_that_is_not_there_is_refused(wanted: int, cards: tuple[Card, ...], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        pin_cards(demand(wanted), cards)
    assert str(caught.value) == text


TWICE = "services.training_server.on_demand=false"


def twice(*sets: str) -> Problem:
    with pytest.raises(UsageError) as caught:
        plan(*sets, environment="production", machine="two-hosts")
    assert caught.value.exit_code == 2
    (problem,) = caught.value.problems
    return problem


def pasted(problem: Problem, *sets: str) -> Plan:
    """Return the plan with the proposed lines of a refusal, as a later word than what was refused."""
    _, _, lines = problem.next_step.partition("in toolkit.yaml:\n")
    said = yaml.safe_load(lines)
    more = (
        f"{top}.{key}.{name}={json.dumps(value)}"
        for top, keys in said.items()
        for key, v in keys.items()
        for name, value in v.items()
    )
    return plan(*sets, *more, environment="production", machine="two-hosts")


def test_a_card_promised_twice_is_refused_with_the_sum_and_what_plans() -> None:
    problem = twice(TWICE)
    assert problem.as_text() == (
        "hosts.ai.gpus[2]: this card is promised more than once\n"
        "   got: embeddings       100%\n"
        "        training_server  100%\n"
        "        together         200% of the card\n"
        "  next: give one another card, a `gpu_share`, or make it `on_demand: true`; this plans, in toolkit.yaml:\n"
        "        services:\n"
        "          training_server: {on_demand: true}"
    )
    assert pasted(problem, TWICE).service("embeddings") is not None


@pytest.mark.parametrize(
    ("sets", "lines"),
    [
        # a card that nobody has
        (
            (
                "services.llm_fast.gpus=[0]",
                "services.embeddings.enabled=false",
                "services.training_server.enabled=false",
            ),
            "llm_fast: {gpus: [1]}",
        ),
        # no card is spare: in two parts
        (("services.embeddings.gpus=[1]", "services.training_server.on_demand=false"), "gpu_share: 0.5"),
    ],
)
def test_what_is_proposed_plans_when_it_is_pasted(sets: tuple[str, ...], lines: str) -> None:
    problem = twice(*sets)
    assert lines in problem.next_step
    assert pasted(problem, *sets).hosts


def test_where_nothing_else_plans_only_the_ways_are_named() -> None:
    sets = (
        "services.llm_fast.gpus=[0]",
        "services.llm_fast.model=qwen3-14b-awq",
        "services.embeddings.gpus=[1]",
        "services.training_server.on_demand=false",
    )
    assert twice(*sets).next_step == "give one another card, a `gpu_share`, or make it `on_demand: true`"


@pytest.mark.parametrize(("share", "fits"), [(0.35, True), (0.36, False)])
def test_shares_of_a_card_come_to_one_at_most(share: float, *, fits: bool) -> None:
    pinned = [(demand(0, share=part), pin_cards(demand(0, share=part), CARDS)) for part in (0.65, share)]
    found = double_promises(pinned)
    assert (found == ()) == fits
    assert fits or "101% of the card" in found[0].problem("").got


def test_two_models_on_one_card_split_what_may_be_taken_of_it() -> None:
    both = plan(environment="production", machine="rtx-5090")
    assert flag(both, "llm-general", "--gpu-memory-utilization") == "0.533"
    assert flag(both, "llm-fast", "--gpu-memory-utilization") == "0.287"
    reason = both.reasons["services.llm_fast.flags.gpu_memory_utilization"]
    assert (reason.value, reason.formula) == (0.287, "gpu.memory_utilization × gpu_share")
    assert dict(reason.inputs) == {"gpu.memory_utilization": 0.82, "services.llm_fast.gpu_share": 0.35}


@pytest.mark.parametrize(
    ("sets", "value"),
    [
        ((), "0.82"),
        (("gpu.memory_utilization=0.75",), "0.75"),
        (("services.llm_general.flags.gpu_memory_utilization=0.9",), "0.9"),
    ],
)
def test_a_model_alone_on_its_card_gets_all_that_may_be_taken(sets: tuple[str, ...], value: str) -> None:
    alone = plan(*sets, environment="production", machine="two-hosts")
    assert flag(alone, "llm-general", "--gpu-memory-utilization") == value


def test_without_a_card_there_is_no_share_of_one() -> None:
    assert flag(plan(), "llm-general", "--gpu-memory-utilization") is None


def test_replicas_have_cards_of_their_own() -> None:
    two = plan(
        "services.llm_general.replicas=2",
        "services.llm_general.gpus=[0, 1]",
        "services.llm_fast.enabled=false",
        environment="production",
        machine="two-hosts",
    )
    cards = {s.name: [pin.device_id for pin in s.gpus] for s in two.services if s.part_of == "llm_general"}
    assert cards == {"llm-general": ["0"], "llm-general-2": ["1"]}
    assert two.models[0].services == ("llm-general", "llm-general-2")


def test_cards_that_do_not_divide_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.llm_general.gpus=[0, 1]", "services.llm_fast.enabled=false", machine="two-hosts")
    assert str(caught.value) == (
        "services.llm_general.gpus: 1 replicas of tensor_parallel_size 1 need 1 cards\n"
        "   got: 2: 0, 1\n"
        "  next: name as many cards, or change `replicas` or `flags.tensor_parallel_size`"
    )


def test_one_model_over_two_cards() -> None:
    over = plan(
        "services.llm_general.gpus=[0, 1]",
        "services.llm_general.flags.tensor_parallel_size=2",
        "services.llm_fast.enabled=false",
        machine="two-hosts",
    )
    general = over.service("llm-general")
    assert general is not None
    assert [pin.device_id for pin in general.gpus] == ["0", "1"]
    assert flag(over, "llm-general", "--tensor-parallel-size") == "2"


def test_who_holds_the_cards_of_a_service_on_demand() -> None:
    card, other = (CardPin(2, "2", 1.0),), (CardPin(1, "1", 1.0),)
    promised = {
        "training_server": ("ai", card),
        "embeddings": ("ai", card),
        "llm_fast": ("ai", other),
        "api_server": ("app", card),
    }
    assert shared_with("training_server", promised) == ("embeddings",)
    halves = {name: ("ai", (CardPin(2, "2", 0.5),)) for name in ("a", "b")}
    assert shared_with("a", halves) == ()


TWO = ("services.llm_fast.enabled=false", "services.embeddings.enabled=false")


def over(*cards: int, ranks: int | None = None, sets: tuple[str, ...] = ()) -> Plan:
    return plan(
        f"services.llm_general.gpus={list(cards)}",
        f"services.llm_general.flags.tensor_parallel_size={ranks or len(cards)}",
        *TWO,
        *sets,
        environment="production",
        machine="two-hosts",
    )


def test_ranks_that_do_not_divide_the_heads_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        over(0, 1, 2)
    assert str(caught.value) == (
        "services.llm_general.flags.tensor_parallel_size: qwen3-14b-awq has 40 heads, which 3 ranks do not divide\n"
        "   got: 3\n"
        "  next: write one of 1, 2, 4, 5, 8, 10"
    )


GPUS = (
    "hosts.ai.gpus=[{index: 0, uuid: null, name: NVIDIA RTX 4000 Ada Generation, memory: 20060MiB}, "
    "{index: 1, uuid: null, name: NVIDIA L4, memory: 22528MiB}, "
    "{index: 2, uuid: null, name: NVIDIA RTX 4000 Ada Generation, memory: 20060MiB}]"
)


def test_cards_that_are_not_equal_serve_no_model_together() -> None:
    with pytest.raises(UsageError) as caught:
        over(0, 1, sets=(GPUS,))
    assert str(caught.value) == (
        "services.llm_general.gpus: the cards of one server have to be equal: the smallest would rule all\n"
        "   got: 0  NVIDIA RTX 4000 Ada Generation, 19.6 GiB\n"
        "        1  NVIDIA L4, 22.0 GiB\n"
        "  next: name equal cards, or tensor_parallel_size: 1 and one card"
    )
    assert over(0, 2, sets=(GPUS,)).service("llm-general") is not None


def test_replicas_may_be_on_cards_that_differ() -> None:
    found = over(0, 1, ranks=1, sets=(GPUS, "services.llm_general.replicas=2"))
    assert [s.name for s in found.services if s.part_of == "llm_general"] == ["llm-general", "llm-general-2"]


def test_a_card_more_is_proposed_only_where_it_is_like_the_others() -> None:
    long = ("services.llm_general.flags.max_model_len=40960", "services.llm_general.flags.max_num_seqs=auto")
    with pytest.raises(UsageError) as caught:
        over(0, ranks=1, sets=long)
    assert "gpus: [0, 1]" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        over(0, ranks=1, sets=(*long, GPUS))
    assert "gpus: [0, 1]" not in str(caught.value)
    assert "gpus: [0, 2]" in str(caught.value)
