"""In which order services start: needs, priorities, how many at once, and cards that are shared."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.errors import UsageError
from toolkit.planning.start_order import Starter, start_order

REDIS = Starter("redis", "local")
API = Starter("api-server", "local", after=("redis",))


def llm(name: str, priority: int, *after: str, host: str = "local", cards: tuple[int, ...] = ()) -> Starter:
    return Starter(name, host, after, priority, cards)


def test_what_is_used_stands_before_its_users() -> None:
    assert start_order([API, REDIS], 1) == (("redis",), ("api-server",))


@pytest.mark.parametrize(
    ("at_once", "waves"),
    [
        (1, (("redis", "b"), ("a",), ("c",))),
        (2, (("redis", "b", "a"), ("c",))),
        (3, (("redis", "b", "a", "c"),)),
    ],
)
def test_so_many_models_load_at_once_the_most_important_first(
    at_once: int, waves: tuple[tuple[str, ...], ...]
) -> None:
    assert start_order([REDIS, llm("a", 8), llm("b", 9), llm("c", 5)], at_once) == waves


def test_each_host_loads_its_own() -> None:
    assert start_order([llm("a", 8), llm("b", 9, host="other")], 1) == (("b", "a"),)


def test_two_never_start_on_one_card_at_the_same_time() -> None:
    on_card = [llm("a", 9, cards=(0,)), llm("b", 8, cards=(0, 1)), llm("c", 5, cards=(2,))]
    assert start_order(on_card, 3) == (("a", "c"), ("b",))


def test_a_model_waits_for_the_one_that_it_names() -> None:
    assert start_order([llm("a", 9, "b"), llm("b", 1)], 2) == (("b",), ("a",))


def test_a_circle_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        start_order([llm("a", 9, "b"), llm("b", 1, "a")], 2)
    assert str(caught.value) == (
        "services: these wait for each other\n   got: a after b\n        b after a\n  next: take one `after` back"
    )


def test_a_name_that_nothing_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.llm_fast.after=[llm_generl]")
    assert str(caught.value) == (
        "services.llm_fast.after: there is no service `llm_generl` that is started with the stack\n"
        "   got: llm_generl\n"
        "  next: did you mean `llm-general`?"
    )


def test_both_models_of_one_card_are_staged() -> None:
    order = plan(environment="production", machine="rtx-5090").start_order
    assert [wave for wave in order if "llm-general" in wave] != [wave for wave in order if "llm-fast" in wave]
    assert order[0][-1] == "llm-general"


def test_replicas_stand_behind_what_their_section_names() -> None:
    two = plan(
        "services.llm_general.replicas=2",
        "services.llm_general.gpus=[0, 1]",
        "services.llm_fast.gpus=[2]",
        "services.llm_fast.after=[llm-general]",
        "services.embeddings.enabled=false",
        environment="production",
        machine="two-hosts",
    )
    first, second = two.start_order
    assert {"llm-general", "llm-general-2"} < set(first)
    assert "llm-fast" in second
    assert "training-server" not in {*first, *second}


def test_a_host_has_its_part_of_the_order() -> None:
    app = plan(environment="production", machine="two-hosts").on_host("app")
    assert {name for wave in app.start_order for name in wave} == {s.name for s in app.started}
