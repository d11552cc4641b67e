"""Which servers take turns, in which order they are replaced, and that nobody stays led around."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.clocks import HandClock
from tests.support.listener import Listener
from tests.support.plans import plan
from tests.unit.test_deploy import STORES, Bench
from toolkit.engine.edge_state import ServerState
from toolkit.errors import Problem, ServiceFailedError
from toolkit.facts import ContainerFact
from toolkit.planning.reconcile import Action, Kind
from toolkit.planning.rolling import Turn, outages_to_expect, turns
from toolkit.routines.rolling import Rolling

if TYPE_CHECKING:
    from toolkit.clock import Deadline

TWO = "services.llm_general.replicas=2"
FIRST, SECOND = Turn("llm-general", "llm-general"), Turn("llm-general-2", "llm-general")


def running(*names: str, health: str = "healthy") -> list[ContainerFact]:
    return [ContainerFact(name, name, name, "running", health) for name in names]


def doing(**kinds: Kind) -> list[Action]:
    return [Action(name.replace("_", "-"), kind, "") for name, kind in kinds.items()]


ALL = running("edge", "llm-general", "llm-general-2", "llm-fast")
BOTH = doing(llm_general="recreate", llm_general_2="recreate", llm_fast="recreate")


def test_equal_servers_take_turns_and_a_single_one_cannot() -> None:
    assert turns(plan(TWO), BOTH, ALL) == (FIRST, SECOND)
    assert turns(plan(TWO), doing(llm_general_2="recreate", mariadb="recreate"), ALL) == (SECOND,)
    assert turns(plan(), doing(llm_general="recreate"), running("edge", "llm-general")) == ()


@pytest.mark.parametrize(
    ("actions", "seen"),
    [
        (BOTH, running("llm-general", "llm-general-2")),
        ([*BOTH, *doing(edge="recreate")], ALL),
        (doing(llm_general="restart"), ALL),
        (BOTH, [*running("edge", "llm-general"), *running("llm-general-2", health="unhealthy")]),
    ],
    ids=["no edge", "the edge goes itself", "a restart", "no other one serves"],
)
def test_without_someone_who_serves_meanwhile_there_are_no_turns(
    actions: list[Action], seen: list[ContainerFact]
) -> None:
    assert turns(plan(TWO), actions, seen) == ()


def test_what_is_to_be_expected_where_the_last_server_goes() -> None:
    general = plan(TWO).service("llm-general")
    assert general is not None
    assert outages_to_expect(plan(TWO), BOTH, ALL) == {"fast": general.start.load_s}
    without = running("llm-general", "llm-general-2")
    assert outages_to_expect(plan(TWO), BOTH, without) == {"general": general.start.load_s}
    assert outages_to_expect(plan(TWO), BOTH, []) == {}


class Edge:
    """An edge in memory; one request is under way for two looks."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.left = [2, 1, 0]
        self.around = {"llm-general-2"}

    def lead_around(self, pool: str, server: str, deadline: Deadline) -> None:  # noqa: ARG002
        self.said.append(f"around {pool}/{server}")
        self.left = [2, 1, 0]

    def lead_to(self, pool: str, server: str, deadline: Deadline) -> None:  # noqa: ARG002
        self.said.append(f"to {pool}/{server}")

    def under_way(self, pool: str, server: str, deadline: Deadline) -> int:  # noqa: ARG002
        return self.left.pop(0) if self.left else 0

    def see_anew(self, pool: str, server: str, deadline: Deadline) -> None:  # noqa: ARG002
        self.said.append(f"seen {server}")

    def server_states(self, deadline: Deadline) -> tuple[ServerState, ...]:  # noqa: ARG002
        names = ("llm-general", "llm-general-2")
        return tuple(
            ServerState("llm-general", n, up=True, check="L7OK", led_around=n in self.around) for n in names
        )

    def up_alone(self, services: Collection[str], *, deadline: Deadline) -> None:  # noqa: ARG002
        self.said.append(f"up {' '.join(services)}")


def rolling(edge: Edge, told: Listener) -> Rolling:
    return Rolling(edge, edge, told, HandClock())  # type: ignore[arg-type]


def test_one_is_idle_before_it_goes_and_seen_before_the_next() -> None:
    edge, told = Edge(), Listener()
    rolling(edge, told).replace((FIRST, SECOND), lambda names: edge.said.append(f"healthy {' '.join(names)}"))
    assert edge.said == [
        *("around llm-general/llm-general", "up llm-general", "healthy llm-general"),
        *("seen llm-general", "to llm-general/llm-general"),
        *("around llm-general/llm-general-2", "up llm-general-2", "healthy llm-general-2"),
        *("seen llm-general-2", "to llm-general/llm-general-2"),
    ]
    assert told.states[:3] == [
        "llm-general: led around, 2 requests under way",
        "llm-general: led around, 1 requests under way",
        "llm-general: replaced while others serve",
    ]


@pytest.mark.parametrize("error", [ServiceFailedError, KeyboardInterrupt])
def test_one_that_fails_ends_it_and_nobody_stays_led_around(error: type[BaseException]) -> None:
    edge = Edge()

    def settle(names: Collection[str]) -> None:
        raise error(*names) if error is KeyboardInterrupt else ServiceFailedError(*problems(names))

    with pytest.raises(error):
        rolling(edge, Listener()).replace((FIRST, SECOND), settle)
    assert edge.said[-1] == "to llm-general/llm-general"
    assert not any("llm-general-2" in one for one in edge.said)


def problems(names: Collection[str]) -> list[Problem]:
    return [Problem(name, "failed") for name in names]


def test_what_a_killed_run_has_left_is_led_to_again() -> None:
    edge = Edge()
    rolling(edge, Listener()).forget()
    assert edge.said == ["to llm-general/llm-general-2"]


def test_up_replaces_equal_servers_in_turn_and_the_others_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    on = ("services.llm_general.enabled=true", "services.llm_fast.enabled=true", TWO)
    bench.engine.images |= {service.image for service in plan(*STORES, *on).services}
    for model in plan(*STORES, *on).generated_models:
        (tmp_path / model.directory).mkdir(parents=True)
        (tmp_path / model.directory / "config.json").touch()
    bench.deploy(*on).up(wait_for_models=True)
    bench.engine.said.clear()
    changed = bench.deploy(*on, "services.llm_general.flags.max_num_seqs=3", "services.redis.max_clients=77")
    edge = Edge()
    door = changed.bringing.acts.engine
    changed.bringing.rolling = Rolling(edge, door, changed.progress, HandClock())  # type: ignore[arg-type]

    result = changed.up(wait_for_models=False)

    assert {action.service for action in result.actions} == {"llm-general", "llm-general-2", "redis"}
    assert bench.changes == ["up never llm-general", "up never llm-general-2", "up never redis"]
    assert edge.said[0] == "around llm-general/llm-general"
    assert "roll" in result.phases_s
