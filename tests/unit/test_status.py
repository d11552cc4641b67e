"""The table of `status`: every service of the plan, and what else is there."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.cli.status import Row, rows_of, status_json, status_text
from toolkit.facts import ContainerFact
from toolkit.planning.reconcile import Action
from toolkit.values import replace

STORES = plan(*(f"services.{key}.enabled=false" for key in ("llm_general", "llm_fast", "vector_db")))
REDIS = ContainerFact(
    "redis", "5f", "llm-testing-redis-1", "running", "healthy", started_at="2026-01-02T03:04:05Z"
)


@pytest.mark.parametrize(
    ("fact", "state", "good"),
    [
        (REDIS, "healthy", True),
        (replace(REDIS, health="starting"), "starting", False),
        (replace(REDIS, health="unhealthy"), "unhealthy", False),
        (replace(REDIS, health=None), "running", False),
        (replace(REDIS, state="exited"), "exited", False),
        (None, "absent", False),
    ],
)
def test_a_service_s_state_is_one_word(fact: ContainerFact | None, state: str, good: bool) -> None:
    row = Row("redis", fact, None)
    assert (row.state, row.good) == (state, good)


def test_what_up_would_change_is_not_good() -> None:
    assert not Row("redis", REDIS, Action("redis", "recreate", "its definition changed")).good


def test_the_plan_s_services_come_first_then_the_others() -> None:
    others = [replace(REDIS, service=name) for name in ("zeta", "redis", "alpha")]
    assert [row.service for row in rows_of(STORES, others, (), {})] == ["redis", "mariadb", "alpha", "zeta"]


def test_the_table_for_people_remarks_only_what_is_remarkable() -> None:
    actions = [
        Action("mariadb", "create", "it is not there"),
        Action("old", "remove", "the profile has no such service"),
    ]
    seen = [REDIS, replace(REDIS, service="old", restart_count=3, health="unhealthy")]

    assert status_text(STORES, rows_of(STORES, seen, actions, {})).splitlines() == [
        "llm-testing",
        "  redis          healthy",
        "  mariadb        absent     `toolkit up` will create it: it is not there",
        "  old            unhealthy  3 restarts; `toolkit up` will remove it: the profile has no such service",
    ]


def test_a_cold_model_is_remarked_and_a_warm_one_is_not() -> None:
    def remarks(word: str) -> str:
        return status_text(STORES, rows_of(STORES, [REDIS], (), {"redis": word})).splitlines()[1]

    assert remarks("warm") == "  redis          healthy"
    assert remarks("cold").endswith("not warmed up since its start: `toolkit warmup`")
    assert remarks("warming").endswith("is being warmed up, see .toolkit/*/warm-up.log")


def test_the_table_for_machines() -> None:
    killed = replace(REDIS, state="exited", exit_code=137, oom_killed=True, restart_count=1)
    rows = rows_of(STORES, [killed], [Action("redis", "start", "it is exited (exit code 137)")], {})

    assert status_json(STORES, rows) == {
        "environment": "testing",
        "project": "llm-testing",
        "services": [
            {
                "service": "redis",
                "state": "exited",
                "restarts": 1,
                "started_at": "2026-01-02T03:04:05Z",
                "oom_killed": True,
                "warmth": "",
                "differs": "it is exited (exit code 137)",
            },
            {
                "service": "mariadb",
                "state": "absent",
                "restarts": 0,
                "started_at": "",
                "oom_killed": False,
                "warmth": "",
                "differs": "",
            },
        ],
    }
