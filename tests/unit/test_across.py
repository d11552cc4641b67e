"""Several hosts from one place: all are looked at first, and an error says what was done on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.test_deploy import Bench
from toolkit.errors import BlockedError, EngineError
from toolkit.routines.across import up_across
from toolkit.values import replace

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.routines.deploy import Deploy
    from toolkit.state.keys import Key


class Pair:
    """Two projects as the two hosts; `prepared` counts how often the state of both was made."""

    def __init__(self, directory: Path) -> None:
        self.benches = {name: Bench(directory / name) for name in ("ai", "app")}
        self.prepared = 0

    def deploys(self) -> dict[str, Deploy]:
        found = {name: bench.deploy() for name, bench in self.benches.items()}
        for name, one in found.items():
            one.plan = replace(one.plan, part=name)
        return found

    def prepare(self) -> tuple[Key, ...]:
        self.prepared += 1
        return ()


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    for name in ("ai", "app"):
        (tmp_path / name).mkdir()
    return Pair(tmp_path)


def test_hosts_come_up_in_order_each_told_by_its_name(pair: Pair) -> None:
    results = up_across(pair.deploys(), pair.prepare, wait_for_models=False)
    assert [result.host for result in results] == ["ai", "app"]
    assert [set(result.states.values()) for result in results] == [{"healthy"}, {"healthy"}]
    assert pair.prepared == 1
    assert [bench.told.notes[0] for bench in pair.benches.values()] == ["host ai, ", "host app, "]


def test_what_stands_in_the_way_on_any_host_is_told_before_one_is_touched(pair: Pair) -> None:
    for bench in pair.benches.values():
        # Its secret is not in the state.
        bench.engine.volume_names = {"llm-testing_mariadb-data"}
    with pytest.raises(BlockedError) as caught:
        up_across(pair.deploys(), pair.prepare, wait_for_models=False)
    assert {problem.where.partition(":")[0] for problem in caught.value.problems} == {"ai", "app"}
    assert pair.prepared == 0
    assert [bench.changes for bench in pair.benches.values()] == [[], []]


def test_a_failure_says_what_was_done_on_the_others(pair: Pair) -> None:
    pair.benches["app"].engine.refusals["up"] = (1, "", "Error response from daemon: the moon is full")
    with pytest.raises(EngineError) as caught:
        up_across(pair.deploys(), pair.prepare, wait_for_models=False)
    first, last = caught.value.problems
    assert first.as_text().startswith("app: llm-testing: the engine refused\n   got: Error response")
    assert last.as_text() == (
        "hosts: stopped at app\n   got: ai is up\n  next: the same command goes on from what is there"
    )
