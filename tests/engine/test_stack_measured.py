"""smoke-test, health-check and bench on the whole stack: green where nothing is wrong, and the right line red."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.datastores import ask_redis, rows, vector_rows
from tests.support.defects import DEFECTS, Defect
from tests.support.health_proof import red_line
from toolkit.clock import Deadline
from toolkit.engine.bulk import GROUP_BY, scratch_schema
from toolkit.engine.runner import SubprocessRunner
from toolkit.engine.wrk import Wrk
from toolkit.planning.images import PINS, local_ref
from toolkit.resources import resource_dir
from toolkit.routines.images import build_images

if TYPE_CHECKING:
    from tests.support.stack import Ran, Stack

pytestmark = pytest.mark.engine
# One of each class, tried by the quickest verb that sees it.
ALONE = (
    "redis is stopped",
    "llm-fast hangs",
    "mariadb has no processor",
    "a stranger's key is admitted",
    "llm-general gets no request",
    "mariadb takes no writes",
    "1.5 % of the light requests fail",
)
WATCHED = ("a queue that is full", "the edge leaks 4 MiB a second", "a cache that is always cold")


def named(*names: str) -> list[Defect]:
    return [next(one for one in DEFECTS if one.name == name) for name in names]


def report(stack: Stack, *words: str, code: int | None = 0) -> Ran:
    return stack.toolkit(*words, "--output=json", "--quiet", code=code)


def left_behind(stack: Stack) -> list[str]:
    """Return what trials and benches have made and not undone."""
    tables = rows(
        stack, "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'toolkit\\_trial%';"
    )
    schemas = rows(stack, "SHOW DATABASES LIKE 'toolkit\\_bench%';")
    vectors = vector_rows(stack, "SELECT relname FROM pg_class WHERE relname LIKE 'toolkit\\_trial%'")
    (keys,) = ask_redis(stack, "KEYS toolkit:trial:*", user="admin")
    lent = [file.name for file in (stack.state / "keys").glob("bench-*")]
    return [*(row[0] for row in [*tables, *schemas, *vectors] if row != [""]), *keys, *lent]


def test_a_warm_stack_passes_within_fifteen_seconds_and_nothing_is_left(stack: Stack) -> None:
    ran = report(stack, "smoke-test")
    seen = ran.json
    assert seen["elapsed_s"] < 15
    assert {one["check"] for one in seen["findings"]} == {
        "api.cache",
        "api.chat",
        "api.fallback",
        "api.models",
        "api.refusals",
        "metrics.answer",
        "stores.answer",
    }
    assert {one["status"] for one in seen["findings"]} <= {"pass", "skip"}
    assert seen["metrics"]["trial_s/redis: write, read, delete"] < 0.001
    assert left_behind(stack) == []


@pytest.mark.quiet
def test_a_minute_of_a_healthy_stack(stack: Stack) -> None:
    ran = report(stack, "health-check")
    seen = ran.json
    assert 60 <= seen["elapsed_s"] < 62
    failed = [one for one in seen["findings"] if one["status"] in {"fail", "error"}]
    assert failed == []
    figures = {(one["name"], one["subject"]): one["points"] for one in seen["series"]}
    assert len(figures["memory", "redis"]) >= 50
    assert len(figures["light", "edge"]) >= 2000
    assert len(figures["first_token", "general"]) >= 50
    assert seen["metrics"]["hit_share/response-cache"] > 0.98


@pytest.mark.parametrize("defect", named(*ALONE), ids=lambda one: one.name.replace(" ", "-"))
def test_a_defect_turns_its_own_line_red(stack: Stack, defect: Defect) -> None:
    with defect.inject(stack):
        ran = report(stack, *defect.verb, code=1)
    assert red_line(ran, defect.red), ran.out


@pytest.mark.quiet
@pytest.mark.parametrize("defect", named(*WATCHED), ids=lambda one: one.name.replace(" ", "-"))
def test_a_watch_of_eight_seconds_sees_a_defect(stack: Stack, defect: Defect) -> None:
    with defect.inject(stack):
        ran = report(stack, "health-check", "--duration=8s", code=1)
    assert red_line(ran, defect.red), ran.out


def test_ctrl_c_ends_a_watch_at_once(stack: Stack) -> None:
    program = stack.start("health-check", "--duration=60s")
    assert program.stderr is not None
    assert "watches for 60 s" in program.stderr.readline()
    time.sleep(1.0)
    program.send_signal(2)
    began = time.monotonic()
    try:
        program.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        program.kill()
        raise
    assert program.returncode == 130
    assert time.monotonic() - began < 3


def test_wrk_and_bulk_rows_on_the_real_servers(stack: Stack) -> None:
    runner = SubprocessRunner()
    build_images(runner, resource_dir("compose") / "images", ["wrk"], print)
    wrk = Wrk(runner, local_ref(PINS["wrk"]), stack.container("edge"))
    seen = wrk.models(stack.key(), 50, 2, Deadline.after(40))
    assert (seen.failed, seen.per_s > 300) == (0, True)
    drawn = wrk.drawn(stack.key(), "fast", f"t{time.time_ns()}", 2000, 8, 30, Deadline.after(60), keys=100)
    assert drawn.seen >= 2000
    assert 0 < drawn.p50_s <= drawn.p95_s < 5
    assert drawn.elapsed_s < 25  # it ends with the last draw, not with its time
    assert 0.9 < drawn.hits / drawn.seen < 1
    with scratch_schema(runner, stack.container("mariadb"), time.time()) as bulk:
        assert bulk.load(5000, 500, lambda _: None) > 0
        assert 0 < bulk.seconds(GROUP_BY) < 2
    assert left_behind(stack) == []
