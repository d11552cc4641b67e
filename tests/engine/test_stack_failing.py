"""A model server that cannot come up: `up` ends in time, shows why, and removes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import inspect
from tests.support.models import lend
from tests.support.stack import OFF, TINY, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine


@pytest.fixture
def one_llm(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Make a stack of llm-fast alone, its section as given."""
    made: list[Stack] = []

    def make(**section: Any) -> Stack:
        model = {**TINY, **section}
        one = lend(Stack(tmp_path, llm_fast=model, llm_general=OFF, edge=OFF, redis=OFF, mariadb=OFF))
        made.append(one)
        return one

    yield make
    for one in made:
        one.remove()


def test_a_flag_that_vllm_refuses(one_llm: Callable[..., Stack]) -> None:
    failing = one_llm(flags={"max_model_len": 999_999})
    ran = failing.toolkit("up", "--wait=models", "--output=json", code=3)
    problem, release = ran.json["problems"]
    assert release["what"] == "it does not serve, and none was before it to go back to"
    assert (ran.json["exit_code"], problem["where"]) == (3, "llm-fast")
    assert "exit code 1" in problem["what"]
    for words in ("exit code 1, OOM-killed no", "last lines:", "max_model_len", "999999"):
        assert words in problem["got"]
    assert problem["next_step"] == "look at all of it: toolkit logs llm-fast"
    assert "error: llm-fast: ended with exit code 1" in ran.err
    assert_it_is_still_there(failing)


def test_a_limit_that_is_too_small(one_llm: Callable[..., Stack]) -> None:
    failing = one_llm(memory="700MiB")
    ran = failing.toolkit("up", "--wait=models", code=3)
    assert "llm-fast: was killed for memory, having reached its limit, with exit code 137" in ran.err
    assert "OOM-killed yes" in ran.err
    assert "last lines:" in ran.err
    assert_it_is_still_there(failing)


def assert_it_is_still_there(failing: Stack) -> None:
    assert inspect(failing.container("llm-fast"))["Config"]["Image"] == "llm-stack/vllm:0.32"
    assert "llm-fast" in failing.toolkit("status", code=1).out
    assert "APIServer" in failing.toolkit("logs", "llm-fast", "--tail=2000").out
