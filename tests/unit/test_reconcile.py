"""What stands against what shall stand: each action has its cause, and agreement has none."""

from __future__ import annotations

import pytest

from toolkit.facts import ContainerFact
from toolkit.planning.reconcile import Action, Wanted, reconcile
from toolkit.values import replace

LABEL = "hash"
IMAGES = {"redis:8.0": "sha256:1"}
WANTED = Wanted("redis", "abc", "redis:8.0")
FINE = ContainerFact(
    "redis", "5f", "llm-redis-1", "running", "healthy", image_id="sha256:1", labels={LABEL: "abc"}
)


def act(*seen: ContainerFact, wanted: Wanted = WANTED) -> tuple[Action, ...]:
    return reconcile([wanted], seen, IMAGES, LABEL)


def test_what_agrees_is_left_alone() -> None:
    assert act(FINE) == ()
    assert act(replace(FINE, health="starting")) == ()
    assert act(replace(FINE, health=None)) == ()


@pytest.mark.parametrize(
    ("seen", "kind", "cause"),
    [
        ((), "create", "it is not there"),
        ((replace(FINE, labels={LABEL: "old"}),), "recreate", "its definition changed"),
        ((replace(FINE, labels={}),), "recreate", "its definition changed"),
        ((replace(FINE, image_id="sha256:0"),), "recreate", "redis:8.0 is another image now"),
        ((replace(FINE, state="exited", exit_code=137),), "start", "it is exited (exit code 137)"),
        ((replace(FINE, state="created", health=None),), "start", "it is created (exit code 0)"),
        ((replace(FINE, state="paused"),), "start", "it is paused (exit code 0)"),
        ((replace(FINE, state="restarting", exit_code=1),), "start", "it is restarting (exit code 1)"),
        ((replace(FINE, health="unhealthy"),), "restart", "its health check fails"),
    ],
)
def test_each_difference_is_one_action_with_its_cause(
    seen: tuple[ContainerFact, ...], kind: str, cause: str
) -> None:
    assert [(a.service, a.kind, a.cause) for a in act(*seen)] == [("redis", kind, cause)]


def test_of_several_differences_the_one_that_settles_all_is_told() -> None:
    stopped_and_old = replace(FINE, state="exited", labels={LABEL: "old"}, image_id="sha256:0")
    assert [a.kind for a in act(stopped_and_old)] == ["recreate"]


def test_an_image_that_is_not_here_is_no_reason_to_recreate() -> None:
    assert act(FINE, wanted=replace(WANTED, image="redis:9.9")) == ()


def test_what_the_profile_no_longer_has_is_removed_last() -> None:
    others = [replace(FINE, service=name, container_id=name) for name in ("zeta", "alpha")]
    assert act(*others) == (
        Action("redis", "create", "it is not there"),
        Action("alpha", "remove", "the profile has no such service"),
        Action("zeta", "remove", "the profile has no such service"),
    )


def test_actions_come_in_the_order_of_the_services() -> None:
    wanted = [replace(WANTED, service=name) for name in ("redis", "mariadb", "edge")]
    assert [a.service for a in reconcile(wanted, (), IMAGES, LABEL)] == ["redis", "mariadb", "edge"]


def test_replicas_are_counted_and_each_has_to_agree() -> None:
    two = replace(WANTED, replicas=2)
    again = replace(FINE, container_id="60", name="llm-redis-2")
    assert act(FINE, again, wanted=two) == ()
    assert [(a.kind, a.cause) for a in act(FINE, wanted=two)] == [("create", "1 of 2 replicas are there")]
    assert [(a.kind, a.cause) for a in act(FINE, again)] == [("create", "2 of 1 replicas are there")]
    old = replace(again, labels={LABEL: "old"})
    assert [(a.kind, a.cause) for a in act(FINE, old, wanted=two)] == [("recreate", "its definition changed")]


def test_a_service_on_demand_is_looked_after_only_while_it_runs() -> None:
    asked = replace(WANTED, on_demand=True)
    assert act(wanted=asked) == ()
    assert act(replace(FINE, state="exited"), wanted=asked) == ()
    assert act(FINE, wanted=asked) == ()
    assert [a.kind for a in act(replace(FINE, labels={}), wanted=asked)] == ["recreate"]
