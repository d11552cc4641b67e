"""The digest of all that a plan and its bundle come from: it changes with each of them, and with nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.command import finish, project, start
from toolkit.cli.options import Common
from toolkit.cli.wiring import Project
from toolkit.profile.inputs import MISNAMED, OWN_TREES, USER_FILE, inputs_digest
from toolkit.profile.shipped import short_digest
from toolkit.resources import PACKAGE, resource_dir

if TYPE_CHECKING:
    from collections.abc import Callable

SHIPPED = ("profiles", "compose", "templates")


class Installed:
    """A project, and what is installed, both of which can be changed."""

    def __init__(self, directory: Path) -> None:
        self.project = project(directory / "project")
        for name in SHIPPED:
            shutil.copytree(resource_dir(name), directory / name)
        self.shipped = [directory / name for name in SHIPPED]
        self.package = directory / "package"
        (self.package / "planning").mkdir(parents=True)
        (self.package / "planning" / "redis.py").write_text("MAXMEMORY = 1\n")
        self.said: dict[str, Any] = {"env": "testing", "sets": None, "engine": "unix:///a"}

    def own(self, path: str, text: str) -> None:
        (self.project / path).parent.mkdir(parents=True, exist_ok=True)
        (self.project / path).write_text(text)

    def digest(self) -> str | None:
        return inputs_digest(self.project, self.shipped, self.package, self.said)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def test_it_stays_where_only_times_and_outcomes_changed(installed: Installed) -> None:
    before = installed.digest()
    assert before is not None
    (installed.project / USER_FILE).touch()
    (installed.project / "build").mkdir()
    (installed.project / "build" / "compose.yaml").write_text("rendered")
    for directory in (installed.package, installed.shipped[2] / "redis"):
        (directory / "__pycache__").mkdir(exist_ok=True)
        (directory / "__pycache__" / "redis.cpython-311.pyc").write_bytes(b"compiled")
    os.utime(installed.shipped[0] / "base.yaml", (1, 1))

    assert installed.digest() == before


def appended(place: Callable[[Installed], Path]) -> Callable[[Installed], object]:
    return lambda installed: place(installed).write_text(place(installed).read_text() + "\n")


CHANGES: dict[str, Callable[[Installed], object]] = {
    "toolkit.yaml": appended(lambda i: i.project / USER_FILE),
    "no toolkit.yaml": lambda i: (i.project / USER_FILE).unlink(),
    "a file of a name that is refused": lambda i: (i.project / MISNAMED).touch(),
    "a patch beside it": lambda i: i.own("compose/redis.patch.yaml", "mem_limit: 1g"),
    "a template beside it": lambda i: i.own("templates/redis/redis.conf.j2", "# mine"),
    "a shipped profile": appended(lambda i: i.shipped[0] / "environments" / "testing.yaml"),
    "one more profile": lambda i: (i.shipped[0] / "models" / "mine.yaml").touch(),
    "one profile less": lambda i: (i.shipped[0] / "environments" / "testing.yaml").unlink(),
    "a fragment": appended(lambda i: i.shipped[1] / "redis.yaml"),
    "a template": appended(lambda i: i.shipped[2] / "redis" / "redis.conf.j2"),
    "the program's size": appended(lambda i: i.package / "planning" / "redis.py"),
    "the program's time": lambda i: os.utime(i.package / "planning" / "redis.py", (1, 1)),
    "one module more": lambda i: (i.package / "planning" / "new.py").touch(),
    "an option": lambda i: i.said.update(sets=["services.redis.memory=1GiB"]),
    "another order of options": lambda i: i.said.update(sets=["b=1", "a=1"]),
    "another engine": lambda i: i.said.update(engine="unix:///b"),
    "moved": lambda i: setattr(i, "project", i.project.rename(i.project.with_name("moved"))),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_changes_with(installed: Installed, change: Callable[[Installed], object]) -> None:
    before = installed.digest()
    change(installed)
    assert installed.digest() not in {before, None}


def test_another_python_or_library_changes_it(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site" / "jinja2-3.1.6.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    before = installed.digest()
    (tmp_path / "site" / "jinja2-3.1.6.dist-info").rename(tmp_path / "site" / "jinja2-3.1.7.dist-info")
    newer_library = installed.digest()
    monkeypatch.setattr(sys, "version", "3.99")

    assert len({before, newer_library, installed.digest()}) == 3


def test_what_cannot_be_read_gives_none(installed: Installed) -> None:
    (installed.project / USER_FILE).unlink()
    (installed.project / USER_FILE).mkdir()
    assert installed.digest() is None


def everything_of_ones_own(directory: Path) -> Path:
    """Make a project that has all that a user can add: an own service's fragment, an override, a patch."""
    template = resource_dir("templates") / "redis" / "redis.conf.j2"
    named = f'file: elsewhere/redis.conf.j2, of: "{short_digest(template.read_bytes())}"'
    more = f"""
own_services: {{mine: {{image: "mine:1", fragment: elsewhere/mine.yaml}}}}
overrides: {{templates/redis/redis.conf.j2: {{{named}}}}}
patches: [redis]
"""
    here = project(directory, more=more)
    (here / "elsewhere").mkdir()
    (here / "compose").mkdir()
    (here / "compose" / "redis.patch.yaml").write_text("stop_grace_period: 20s\n")
    shutil.copy(template, here / "elsewhere" / "redis.conf.j2")
    shutil.copy(resource_dir("compose") / "application.yaml", here / "elsewhere" / "mine.yaml")
    return here


WATCHED = """
import json, sys
opened = set()
sys.addaudithook(lambda event, given: opened.add(given[0]) if event == "open" and type(given[0]) is str else None)
from toolkit.cli.app import run
code = run(["render", "--quiet", "--output=json", "--check"])
print(json.dumps(sorted(opened)), file=sys.stderr)
"""


def test_loading_planning_and_rendering_read_nothing_that_is_not_counted(tmp_path: Path) -> None:
    here = everything_of_ones_own(tmp_path)
    said = finish(start(cwd=here, program=(sys.executable, "-c", WATCHED)))
    opened = [Path(name) for name in json.loads(said.err.splitlines()[-1])]
    own = here / "elsewhere" / "mine.yaml", here / "elsewhere" / "redis.conf.j2"
    trees = *(resource_dir(name) for name in SHIPPED), *(here / name for name in OWN_TREES)
    libraries = PACKAGE, Path(sys.prefix), Path(sys.base_prefix)
    sources = Project(Common(project_dir=here)).sources

    def is_counted(path: Path) -> bool:
        if path.suffix in {".py", ".pyc"} or path.is_relative_to(here / "build"):
            return True
        below = [top for top in (*trees, *libraries) if path.is_relative_to(top)]
        return bool(below) or path in {here / USER_FILE, here / MISNAMED} or str(path) in sources

    assert {here / USER_FILE, here / "compose" / "redis.patch.yaml", *own} <= set(opened)
    assert {resource_dir("profiles") / "base.yaml", resource_dir("compose") / "redis.yaml"} <= set(opened)
    assert set(sources) == {str(path) for path in own}
    assert [str(path) for path in opened if not is_counted(path)] == []
