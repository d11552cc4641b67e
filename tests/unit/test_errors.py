"""The error tree: its codes, its text, and the drawing of it in the docstring."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from toolkit import errors
from toolkit.errors import Problem, ToolkitError, UsageError


def tree() -> dict[str, type[ToolkitError]]:
    found: dict[str, type[ToolkitError]] = {}
    below = [ToolkitError]
    while below:
        for kind in below.pop().__subclasses__():
            if kind.__module__ == errors.__name__:
                found[kind.__name__] = kind
                below.append(kind)
    return found


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(r"^([│ ]*)[├└]── (\w+) \((\d+)\)", errors.__doc__ or "", re.MULTILINE)
    assert {name: kind.exit_code for name, kind in tree().items()} == {
        name: int(code) for _, name, code in drawn
    }

    parents: dict[int, str] = {-1: "ToolkitError"}
    for indent, name, _ in drawn:
        depth = len(indent) // 4
        parents[depth] = name
        assert [base.__name__ for base in tree()[name].__bases__] == [parents[depth - 1]]


def test_each_branch_has_a_code_of_its_own() -> None:
    codes = {kind.__name__: kind.exit_code for kind in ToolkitError.__subclasses__()}
    assert codes == {"UsageError": 2, "BlockedError": 1, "ActionError": 3, "DiffersError": 4}
    assert (errors.EXIT_OK, errors.EXIT_BUG, errors.EXIT_INTERRUPTED) == (0, 70, 130)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("toolkit.yaml:3", "it is wrong"), "toolkit.yaml:3: it is wrong"),
        (Problem("", "it is wrong"), "it is wrong"),
        (Problem("edge", "port is taken", "nginx"), "edge: port is taken\n   got: nginx"),
        (Problem("edge", "port is taken", "", "stop it"), "edge: port is taken\n  next: stop it"),
        (
            Problem("edge", "fell over", "line 1\nline 2", "look\nor wait"),
            "edge: fell over\n   got: line 1\n        line 2\n  next: look\n        or wait",
        ),
    ],
)
def test_a_problem_says_where_what_got_and_next(problem: Problem, text: str) -> None:
    assert problem.as_text() == text


def test_a_problem_for_machines_has_all_four_parts() -> None:
    problem = Problem("edge", "port is taken", "nginx", "stop it")
    assert problem.as_json() == {
        "where": "edge",
        "what": "port is taken",
        "got": "nginx",
        "next_step": "stop it",
    }


def test_an_error_tells_all_its_problems() -> None:
    first, second = Problem("a", "is wrong"), Problem("b", "is wrong too")
    error = UsageError(first, second)
    assert error.problems == (first, second)
    assert str(error) == "a: is wrong\nb: is wrong too"


def test_an_error_without_a_problem_is_a_bug() -> None:
    with pytest.raises(ValueError, match="at least one problem"):
        UsageError()


def test_the_module_imports_nothing_of_ours() -> None:
    program = "import sys, toolkit.errors; print(sorted(n for n in sys.modules if n.startswith('toolkit.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['toolkit.errors']\n"
