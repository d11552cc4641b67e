"""container.memory: by its limit, by the host, or only a child."""

from __future__ import annotations

from tests.support.findings import ask
from tests.support.readings import container
from toolkit.checking import Status
from toolkit.checks.container_memory import container_memory
from toolkit.facts import KernelFact, Unavailable, UsageFact

BY_LIMIT = KernelFact(
    "oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/c0ffee,task=python,pid=9", container_id="c0ffee"
)
BY_HOST = KernelFact(
    "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),global_oom,task_memcg=/docker/c0ffee,task=python",
    container_id="c0ffee",
)


def test_its_own_limit_is_raised() -> None:
    killed = container("mariadb", exit_code=137, oom_killed=True, memory_limit_mib=256)
    (found,) = ask(container_memory, containers=(killed,), kernel=(BY_LIMIT,))
    assert found.status is Status.FAIL
    assert "its limit of 256 MiB" in found.cause
    assert "lower innodb_buffer_pool_size" in found.remedy
    assert "raise services.mariadb.memory" in found.remedy
    assert "the engine says OOMKilled" in found.evidence
    assert any("the host is out of memory" in text for text in found.rejected)


def test_a_host_without_memory_is_no_reason_to_raise_a_limit() -> None:
    (found,) = ask(container_memory, containers=(container(exit_code=137),), kernel=(BY_HOST,))
    assert "the host ran out of memory" in found.cause
    assert "raising this limit makes it worse" in found.remedy


def test_a_child_that_was_killed_is_only_in_the_kernel_s_log_or_the_group_s_count() -> None:
    runs = container(state="running", health="healthy")
    (found,) = ask(container_memory, containers=(runs,), kernel=(BY_LIMIT,))
    assert found.cause.startswith("one of its processes was killed")
    usage = (UsageFact("llm-general", "c0ffee", 100, 200, oom_kills=2),)
    (found,) = ask(container_memory, containers=(runs,), usage=usage)
    assert found.cause.startswith("one of its processes was killed")


def test_who_runs_is_not_named_and_dark_is_an_error() -> None:
    assert ask(container_memory, containers=(container(state="running", health="healthy"),)) == ()
    (found,) = ask(container_memory, containers=Unavailable("dark"))
    assert found.status is Status.ERROR
