"""The last line of a test run: nothing that failed, crashed or was skipped on the engine passes for a success."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tally import FEW, failed_tests, few_failed, main, node_id

CASE = '<testcase classname="tests.{room}.test_x" name="test_{n}" time="0.5">{what}</testcase>'


def report(directory: Path, name: str, room: str, *what: str) -> None:
    cases = "".join(CASE.format(room=room, n=n, what=one) for n, one in enumerate(what))
    suite = f'<testsuite time="{len(what) / 2}">{cases}</testsuite>'
    (directory / f"{name}.xml").write_text(f"<testsuites>{suite}</testsuites>")


PASSED, FAILED, ERROR, SKIPPED = "", "<failure/>", "<error/>", '<skipped type="pytest.skip"/>'


@pytest.mark.parametrize(
    ("ends", "code", "last"),
    [
        (["ruff-check=0", "unit=0", "engine-tests=0"], 0, "5 passed, 0 failed, 1 skipped in 2.50s"),
        (["ruff-check=1", "unit=0"], 1, "2 passed, 1 failed, 1 skipped in 1.50s"),
        (["broken=1"], 1, "1 passed, 2 failed in 1.50s"),
        (["skipping=0"], 1, "1 passed, 1 failed in 1.00s"),
        (["unit=3"], 1, "2 passed, 1 failed, 1 skipped in 1.50s"),
        (["engine=1"], 1, "0 passed, 1 failed in 0.00s"),
    ],
)
def test_the_sums_and_the_exit_code(
    ends: list[str], code: int, last: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "unit", "unit", PASSED, PASSED, SKIPPED)
    report(tmp_path, "engine-tests", "engine", PASSED, PASSED)
    report(tmp_path, "broken", "unit", FAILED, ERROR, PASSED)
    report(tmp_path, "skipping", "engine", PASSED, SKIPPED)

    assert main(tmp_path, *ends) == code

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == last
    assert len([line for line in lines[:-1] if line[0] != " "]) == len(ends)


def test_a_skipped_test_of_the_engine_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(tmp_path, "engine-tests", "engine", SKIPPED)

    assert main(tmp_path, "engine-tests=0") == 1

    assert "  skipped, but it has to run: tests.engine.test_x.test_0\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("again", "code", "told"),
    [
        (PASSED, 0, "  passed only at the second try: tests.engine.test_x.test_0\n"),
        (FAILED, 1, "  failed: tests.engine.test_x.test_0\n1 passed, 1 failed in 1.00s\n"),
    ],
)
def test_a_second_try_counts_and_is_named(
    again: str, code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "engine-tests", "engine", FAILED, PASSED)
    report(tmp_path, "engine-tests-again", "engine", again)

    assert main(tmp_path, "engine-tests=1", f"engine-tests-again={code}") == code

    assert told in capsys.readouterr().out


@pytest.mark.parametrize(("failed", "worth_it"), [(0, False), (1, True), (FEW, True), (FEW + 1, False)])
def test_only_a_few_are_tried_again(failed: int, worth_it: bool, tmp_path: Path) -> None:
    report(tmp_path, "engine-tests", "engine", PASSED, *[FAILED] * failed)
    assert few_failed(tmp_path / "engine-tests.xml") is worth_it
    assert not few_failed(tmp_path / "nothing.xml")


@pytest.mark.parametrize(
    ("name", "bare", "test"),
    [
        ("test_a@stack", "test_a", "tests/engine/test_x.py::test_a"),
        ("test_a[8.2 s@home]@test_x", "test_a[8.2 s@home]", "tests/engine/test_x.py::test_a[8.2 s@home]"),
        ("test_a[me@home]", "test_a[me@home]", "tests/engine/test_x.py::test_a[me@home]"),
    ],
)
def test_the_group_of_a_worker_is_no_part_of_a_name(name: str, bare: str, test: str, tmp_path: Path) -> None:
    case = f'<testcase classname="tests.engine.test_x" name="{name}"><failure/></testcase>'
    (tmp_path / "one.xml").write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")
    assert failed_tests(tmp_path / "one.xml") == {f"tests.engine.test_x.{bare}"}
    assert node_id(f"tests.engine.test_x.{bare}") == test
