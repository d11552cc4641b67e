"""The comparisons of commands: start, render, and `up` where nothing has changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bench.comparison import Comparison, Series, ratio
from bench.errors import BenchError
from bench.timing import Side, in_turns, run, without

if TYPE_CHECKING:
    from bench.environments import Environment
    from bench.project import Project

_TWO_HOSTS = Path(__file__).parents[1] / "tests" / "data" / "two-hosts" / "toolkit.yaml"
_START_ROUNDS = 40
_RENDER_ROUNDS = 20
_UP_ROUNDS = 12


def starts(toolkit: Environment) -> list[Comparison]:
    """Compare `toolkit --version` with the import that no command line built on typer can do without."""
    ours = Side("toolkit --version", (toolkit.command("toolkit"), "--version"))
    peer = Side("python -c 'import typer'", (toolkit.command("python"), "-c", "import typer"))
    return _ratios([(ours, 1.5)], peer, _START_ROUNDS)


def renders(project: Project, tutor: Environment, scratch: Path) -> list[Comparison]:
    """Compare `render` with Tutor's `config save`, each into a tree that is not there.

    Both keep their secrets, `.toolkit` here and `config.yml` there: to make them is not rendering, and Tutor
    would spend most of its time on an RSA key. What it takes from an empty root is shown beside it.
    """
    kept, fresh = scratch / "kept", scratch / "fresh"
    run(_saving(tutor, kept))
    run(project.toolkit("render"))
    rendered = f"toolkit render ({_files(project.build)} files)"
    saved = f"tutor config save ({_files(kept / 'env')} files)"
    ours = Side(rendered, project.toolkit("render"), without(project.build))
    again = Side(saved, _saving(tutor, kept), without(kept / "env"))
    anew = Side("tutor config save (new secrets)", _saving(tutor, fresh), without(fresh))
    largest = _largest(project, scratch / "largest")
    taken = in_turns([ours, again, anew, largest], _RENDER_ROUNDS)
    first, second, third, fourth = (Series(s.name, taken[s.name]) for s in (ours, again, anew, largest))
    return [ratio(first, second, 0.8), ratio(first, third, None), ratio(fourth, second, None)]


def _largest(project: Project, home: Path) -> Side:
    """Return the render of the largest shipped profile: production on two hosts, with applications."""
    home.mkdir()
    shutil.copy(_TWO_HOSTS, home / "toolkit.yaml")
    words = ("render", "--env", "production", "--project-dir", str(home), "--quiet")
    run((project.program, *words))
    name = f"toolkit render, two hosts ({_files(home / 'build')} files)"
    return Side(name, (project.program, *words), without(home / "build"))


def unchanged_ups(project: Project) -> list[Comparison]:
    """Compare `up` with Compose's own on the same files, where there is nothing to do.

    The toolkit also fetches a completion of each model through the edge. Raises BenchError when either side
    touched a container.
    """
    full = Side("toolkit up --wait=models", project.toolkit("up", "--wait=models"))
    short = Side("toolkit up --wait=edge", project.toolkit("up", "--wait=edge"))
    compose = ("docker", "compose", "--file", str(project.compose_file), "up", "-d", "--wait")
    before = project.containers()
    found = _ratios([(full, 0.5), (short, None)], Side("docker compose up -d --wait", compose), _UP_ROUNDS)
    if project.containers() != before:
        raise BenchError("an unchanged `up` touched a container: what was timed is something else")
    return found


def _ratios(ours: list[tuple[Side, float | None]], peer: Side, rounds: int) -> list[Comparison]:
    taken = in_turns([*(side for side, _ in ours), peer], rounds)
    other = Series(peer.name, taken[peer.name])
    return [ratio(Series(side.name, taken[side.name]), other, goal) for side, goal in ours]


def _saving(tutor: Environment, root: Path) -> tuple[str, ...]:
    """Return the command that renders Tutor's whole tree below `root`, with every answer the default one."""
    return (tutor.command("tutor"), f"--root={root}", "config", "save")


def _files(directory: Path) -> int:
    return sum(path.is_file() for path in directory.rglob("*"))
