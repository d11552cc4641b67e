"""What each service waits for at its start, how long, and why."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.planning.gate import VARIABLE
from toolkit.planning.start import Before, budgets, own_budget_s

TWO_AT_ONCE = "features.preload_max_concurrent=2"
WITH_EMBEDDINGS = "services.embeddings.enabled=true"
TINY = "services.embeddings.model=tiny-embeddings"


def waits(*sets: str, machine: str = "cpu-offline") -> dict[str, list[str]]:
    found = plan(*sets, machine=machine)
    return {s.name: [one.service for one in s.start.after] for s in found.services if s.start.load_s}


def test_models_load_one_after_the_other_by_priority() -> None:
    assert waits() == {"llm-general": [], "llm-fast": ["llm-general"]}
    first = "services.llm_fast.priority=10"
    assert waits(first) == {"llm-general": ["llm-fast"], "llm-fast": []}


def test_as_many_at_once_as_the_environment_says() -> None:
    assert waits(TWO_AT_ONCE) == {"llm-general": [], "llm-fast": []}
    three = waits(TWO_AT_ONCE, WITH_EMBEDDINGS, TINY)
    assert three == {"llm-general": [], "llm-fast": [], "embeddings": ["llm-general", "llm-fast"]}


def test_two_of_one_card_never_load_together() -> None:
    assert waits(TWO_AT_ONCE, machine="rtx-5090") == {"llm-general": [], "llm-fast": ["llm-general"]}


def test_the_container_waits_and_runs_the_image_s_own_program_then() -> None:
    found = plan().service("llm-fast")
    assert found is not None
    assert found.start.after == (Before("llm-general", "general"),)
    assert found.entrypoint[:2] == ("sh", "-c")
    assert found.entrypoint[2].endswith('exec vllm serve "$@"')
    # 3 × 20 s to load, 6 tries of 5 + 30 s.
    assert found.environment[VARIABLE] == "llm-general=general:270"
    general = plan().service("llm-general")
    assert general is not None
    assert (general.entrypoint, VARIABLE in general.environment) == ((), False)


def test_an_application_waits_for_what_it_uses_but_for_no_model() -> None:
    found = plan("services.api_server.image=mine:1").service("api-server")
    assert found is not None
    assert found.needs == ("edge", "mariadb", "redis", "vector-db")


def test_an_estimate_follows_from_the_weights_unless_it_is_said() -> None:
    reasons = plan(machine="rtx-5090", environment="production").reasons
    weights = reasons["services.llm_general.estimated_load"].inputs["models.qwen3-8b-awq.facts.weights"]
    assert isinstance(weights, int)
    assert reasons["services.llm_general.estimated_load"].value == round(40 + weights / (250 * 2**20), 1)
    said = plan("services.llm_general.estimated_load=90s", machine="rtx-5090", environment="production")
    assert said.reasons["services.llm_general.estimated_load"].value == 90


def test_a_budget_is_its_own_and_counts_those_before_it() -> None:
    found = plan()
    limits = budgets(found.services, ())
    own = {s.name: own_budget_s(s, cached=False) for s in found.services}
    assert limits["llm-general"] == own["llm-general"] == 3 * 20 + 6 * 35
    assert limits["llm-fast"] == own["llm-fast"] + own["llm-general"]
    assert limits["redis"] == own["redis"] == 30 + 5 * 8


def test_what_has_to_be_fetched_may_take_longer() -> None:
    found = plan(machine="rtx-5090", environment="production")
    there, away = budgets(found.services, ["llm-general", "llm-fast"]), budgets(found.services, [])
    general = found.service("llm-general")
    assert general is not None
    assert away["llm-general"] == pytest.approx(there["llm-general"] + 3 * general.start.fetch_s)
    # Until then a failing check counts for nothing.
    assert general.health.start_period_s >= round(away["llm-general"])
    reason = found.reasons["services.llm_general.wait_budget"]
    assert (
        reason.value
        == f"{there['llm-general']:.0f} s, {away['llm-general']:.0f} s where its weights are not in the cache"
    )
