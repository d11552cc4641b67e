"""What all tests on the real engine share: the one full stack, their order, and what is kept of a failure."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import application
from tests.support.artifacts import save_artifacts
from tests.support.command_lines import CommandLines
from tests.support.engine import docker, execute, require_engine, why_no_engine
from tests.support.stack import HEALTHY_SOON, TINY, TOOLKIT, Stack, gone_at_the_end
from toolkit.planning.images import PINS, local_ref

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Those that look come before those that change the shared stack, and those that kill its servers come last.
_LATE = (
    "test_stack_verbs",
    "test_stack_keys",
    "test_stack_unchanged",
    "test_stack_changes",
    "test_stack_secrets",
    "test_stack_measured",
    "test_stack_diagnose",
    "test_stack_killed",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Where there are several workers, one has all tests of the shared stack, and one all others of a file.

    What a file starts for its tests is there once. Said here, since xdist reads it before items may be modified.
    """
    item.add_marker(pytest.mark.xdist_group("stack" if _shares(item) else item.path.stem))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.stem
        return not _shares(item), _LATE.index(name) + 1 if name in _LATE else 0

    items.sort(key=place)


def _shares(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "stack" in item.fixturenames


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("engine"):
        require_engine(why_no_engine())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for used in getattr(item, "funcargs", {}).values():
            for one in used if isinstance(used, tuple) else (used,):
                if isinstance(one, Stack):
                    save_artifacts(one, _place(item.config, f"{item.name}-{one.environment}"))
    return report


def _place(config: pytest.Config, name: str) -> Path:
    return config.rootpath / "test-artifacts" / re.sub(r"[^\w.-]+", "-", name)


@pytest.fixture(scope="session")
def command_lines() -> Iterator[CommandLines]:
    """Every command line that runs on this machine while the shared stack is there."""
    with CommandLines() as seen:
        yield seen


@pytest.fixture(scope="session")
def application_image() -> Iterator[str]:
    """The image of the test application, gone at the end."""
    execute(TOOLKIT, "images", "build", "vllm-cpu", timeout_s=600)
    name, base = f"app-{uuid.uuid4().hex[:8]}:1", local_ref(PINS["vllm-cpu"])
    context = Path(application.__file__).parent
    done = execute("docker", "build", "--tag", name, "--build-arg", f"BASE={base}", str(context))
    assert done.returncode == 0, done.stderr
    yield name
    docker("image", "rm", "--force", name)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """All services, brought up once by `toolkit up --wait=models`; `ran[0]` is that run."""
    request.getfixturevalue("command_lines")
    # Of 32 requests llm-general works on 16 and the edge holds the others; llm-fast works on all of them.
    many = {**TINY, "flags": {"max_num_seqs": 32}}
    with gone_at_the_end(
        Stack(tmp_path_factory.mktemp("stack"), llm_fast=many, vector_db=HEALTHY_SOON)
    ) as running:
        try:
            running.up("--wait=models")
        except BaseException:
            save_artifacts(running, _place(request.config, "stack"))
            raise
        yield running
