"""A finding cured by a change of the profile: kept where it helps, climbed on a ladder, taken back where not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from toolkit.errors import Problem, ServiceFailedError, UsageError
from toolkit.findings import Change, Finding, Status
from toolkit.routines.cure import Cure

TEXT = "# ours\nservices:\n  llm_general: {model: tiny}  # small\n"
FLAGS = "services.llm_general.flags"
LADDER = (
    Change(f"{FLAGS}.gpu_memory_utilization", 0.75),
    Change(f"{FLAGS}.max_model_len", 4096),
    Change(f"{FLAGS}.max_num_seqs", 8),
)


def finding(*changes: Change, status: Status = Status.FAIL) -> Finding:
    return Finding("llm-general", status, "out of memory", check="vllm.card-memory", changes=changes)


class Stack:
    """A stack that is well as soon as its profile holds all of `needs`, and offers the next rung until then."""

    def __init__(self, profile: Path, *needs: Change, failing: bool = False) -> None:
        self.profile, self.needs, self.failing = profile, needs, failing
        self.deployed: list[str] = []
        self.diffs: list[str] = []
        self.told: list[str] = []

    def deploy(self) -> None:
        text = self.profile.read_text()
        self.deployed.append(text)
        if self.failing and not self._well():
            raise ServiceFailedError(Problem("llm-general", "ended with exit code 1"))

    def look(self) -> Sequence[Finding]:
        missing = [one for one in LADDER if one.key.rpartition(".")[2] not in self.profile.read_text()]
        return [finding(*missing[:1], status=Status.PASS if self._well() else Status.FAIL)]

    def _well(self) -> bool:
        return all(
            f"{one.key.rpartition('.')[2]}: {one.value}" in self.profile.read_text() for one in self.needs
        )

    def cure(self, ask: Callable[[str], bool] = lambda _: True) -> Cure:
        def asked(diff: str) -> bool:
            self.diffs.append(diff)
            return ask(diff)

        return Cure(self.profile, lambda _: None, asked, self.deploy, self.look, self.told.append)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    file = tmp_path / "toolkit.yaml"
    file.write_text(TEXT)
    file.chmod(0o640)
    return file


def test_one_step_that_helps_stays(profile: Path) -> None:
    stack = Stack(profile, LADDER[0])
    outcome = stack.cure().cure(finding(LADDER[0]))
    assert (outcome.helped, outcome.changes) == (True, LADDER[:1])
    assert "gpu_memory_utilization: 0.75" in profile.read_text()
    assert profile.read_text().startswith("# ours\n")
    assert profile.stat().st_mode & 0o777 == 0o640
    (diff,) = stack.diffs
    assert (
        "+  llm_general: {model: tiny, flags: {gpu_memory_utilization: 0.75}}  # small" in diff.splitlines()
    )


def test_a_ladder_is_climbed_rung_by_rung_and_asked_for_each(profile: Path) -> None:
    stack = Stack(profile, *LADDER, failing=True)
    outcome = stack.cure().cure(finding(LADDER[0]))
    assert (outcome.helped, outcome.changes) == (True, LADDER)
    assert len(stack.diffs) == len(stack.deployed) == 3


@pytest.mark.parametrize("failing", [False, True])
def test_what_does_not_help_is_undone_to_the_byte(profile: Path, failing: bool) -> None:
    stack = Stack(profile, Change("x.y", "never"), failing=failing)
    outcome = stack.cure().cure(finding(LADDER[0]))
    assert (outcome.helped, outcome.changes) == (False, ())
    assert outcome.why.startswith("it did not help: ")
    assert profile.read_text() == TEXT
    assert stack.deployed[-1] == TEXT


def test_without_consent_nothing_is_touched(profile: Path) -> None:
    stack = Stack(profile, LADDER[0])
    assert stack.cure(lambda _: False).cure(finding(LADDER[0])).why == "not wanted"
    assert (profile.read_text(), stack.deployed) == (TEXT, [])


def test_who_stops_half_way_gets_the_beginning_back(profile: Path) -> None:
    stack = Stack(profile, *LADDER)
    outcome = stack.cure(lambda diff: "max_model_len" not in diff).cure(finding(LADDER[0]))
    assert (outcome.helped, profile.read_text()) == (False, TEXT)


def test_a_change_that_the_profile_does_not_take_is_refused_before_it_is_written(profile: Path) -> None:
    def refuse(_: Sequence[Change]) -> None:
        raise UsageError(Problem("toolkit.yaml", "no such key"))

    stack = Stack(profile, LADDER[0])
    with pytest.raises(UsageError, match="no such key"):
        Cure(profile, refuse, lambda _: True, stack.deploy, stack.look, stack.told.append).cure(
            finding(LADDER[0])
        )
    assert (profile.read_text(), stack.deployed) == (TEXT, [])


def test_ctrl_c_while_it_comes_up_takes_the_change_back(profile: Path) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    stack = Stack(profile, LADDER[0])
    cure = Cure(profile, lambda _: None, lambda _: True, interrupted, stack.look, stack.told.append)
    with pytest.raises(KeyboardInterrupt):
        cure.cure(finding(LADDER[0]))
    assert profile.read_text() == TEXT


def test_a_profile_that_was_not_there_goes_again(tmp_path: Path) -> None:
    file = tmp_path / "toolkit.yaml"
    stack = Stack(file, Change("x.y", "never"))
    cure = Cure(file, lambda _: None, lambda _: True, lambda: None, stack.look, stack.told.append)
    assert not cure.cure(finding(LADDER[0])).helped
    assert not file.exists()
