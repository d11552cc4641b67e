"""Trials in throw-away containers: what is tried, how often, and whose words are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from toolkit.clock import Deadline
from toolkit.engine.runner import Completed
from toolkit.engine.trials import Ulimit, far_look, gpu_facts, ulimit_facts, wanted_ulimits
from toolkit.errors import EngineError
from toolkit.facts import GpuTrialFact, UlimitFact

RLIMIT = (
    "docker: Error response from daemon: OCI runtime create failed: "
    "error setting rlimit type 8: operation not permitted: unknown."
)


class Docker:
    """Ends every container with `left`: exit code and what it wrote."""

    def __init__(self, code: int = 0, stderr: str = "") -> None:
        self.left = code, stderr
        self.ran: list[tuple[str, ...]] = []

    def run(self, argv: Sequence[str], **_: Any) -> Completed:
        self.ran.append(tuple(argv))
        return Completed(tuple(argv), self.left[0], "", self.left[1], 0.1)


def test_what_a_compose_file_asks_for() -> None:
    text = "services: {a: {ulimits: {memlock: -1, nofile: {soft: 10, hard: 20}}}, b: {image: x}}"
    assert wanted_ulimits(yaml.safe_load(text)) == (
        Ulimit("a", "memlock", "-1:-1"),
        Ulimit("a", "nofile", "10:20"),
    )
    assert wanted_ulimits({}) == ()


@pytest.mark.parametrize(
    ("code", "stderr", "refusal"),
    [
        (0, "", ""),
        (126, f"some warning\n{RLIMIT}\n", RLIMIT),
        (127, 'exec: "true": executable file not found', ""),
        (125, "docker: Error response from daemon: something else", None),
    ],
)
def test_only_a_refused_limit_is_a_refusal(code: int, stderr: str, refusal: str | None) -> None:
    docker = Docker(code, stderr)
    (found,) = ulimit_facts(docker, [Ulimit("a", "memlock", "-1:-1")], "img", Deadline.after(60))
    assert found == UlimitFact("a", "memlock", "-1:-1", refusal)
    assert ("--ulimit", "memlock=-1:-1") in zip(docker.ran[0], docker.ran[0][1:], strict=False)
    assert ("--pull", "never") in zip(docker.ran[0], docker.ran[0][1:], strict=False)


def test_the_same_limit_of_two_services_is_tried_once_and_without_an_image_never() -> None:
    docker, both = Docker(), [Ulimit("a", "nofile", "1:1"), Ulimit("b", "nofile", "1:1")]
    assert len(ulimit_facts(docker, both, "img", Deadline.after(60))) == 2
    assert len(docker.ran) == 1
    assert {one.refusal for one in ulimit_facts(docker, both, None, Deadline.after(60))} == {None}
    assert len(docker.ran) == 1


def test_a_card_is_handed_over_by_its_id() -> None:
    docker = Docker(125, 'docker: could not select device driver "" with capabilities: [[gpu]].\n')
    (found,) = gpu_facts(docker, ["GPU-1"], "img", Deadline.after(60))
    assert found == GpuTrialFact(
        "GPU-1", 'docker: could not select device driver "" with capabilities: [[gpu]].'
    )
    assert '"device=GPU-1"' in docker.ran[0]


def test_a_container_that_shows_nothing_of_its_machine_is_quoted() -> None:
    docker = Docker(127, 'exec: "sh": executable file not found in $PATH')
    with pytest.raises(EngineError) as caught:
        far_look(docker, "img", ["vm.max_map_count"], Deadline.after(60))
    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == ("image img", "it shows nothing of its machine")
    assert problem.got == 'exec: "sh": executable file not found in $PATH'
    assert docker.ran[0][-1].endswith("cat /proc/sys/vm/max_map_count")
