"""Compiled templates are kept as Python keeps compiled modules: beside them, believed only for the very same text."""

from __future__ import annotations

import marshal
import os
import sys
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
import pytest

from toolkit.render.compiled import CompiledBeside

TEXT = "port {{ port }}\n"


@pytest.fixture(autouse=True)
def writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "redis.conf.j2"
    path.write_text(TEXT)
    return path


def rendered(template: Path, program: str = __file__) -> str:
    """Render as a process does that has just begun."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        bytecode_cache=CompiledBeside(program),
        autoescape=True,
    )
    return environment.get_template(template.name).render(port=6379)


def kept(template: Path) -> Path:
    return Path(cache_from_source(str(template)))


def foist(template: Path, text: str) -> None:
    """Put the code of another text in the place of what was kept, as if it were that of the template."""
    code = jinja2.Environment(autoescape=True).compile(text)
    assert not isinstance(code, str)
    good = kept(template).read_bytes()[:64]
    kept(template).write_bytes(good + marshal.dumps(code))


def test_what_was_compiled_once_is_taken_as_it_is_kept(template: Path) -> None:
    assert rendered(template) == "port 6379"
    foist(template, "kept {{ port }}")
    assert rendered(template) == "kept 6379"
    assert [path.name for path in kept(template).parent.iterdir()] == [kept(template).name]


def test_another_text_is_compiled_anew_whatever_its_times(template: Path) -> None:
    rendered(template)
    foist(template, "kept {{ port }}")
    before = template.stat()
    template.write_text("door {{ port }}\n")
    os.utime(template, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rendered(template) == "door 6379"
    assert rendered(template) == "door 6379"


def test_another_compiler_compiles_anew(template: Path, tmp_path: Path) -> None:
    program = tmp_path / "compiler.py"
    program.write_text("1")
    rendered(template, str(program))
    foist(template, "kept {{ port }}")
    assert rendered(template, str(program)) == "kept 6379"
    program.write_text("22")
    assert rendered(template, str(program)) == "port 6379"


@pytest.mark.parametrize("left", [0, 10, 64, 70, -3])
def test_what_is_cut_or_broken_is_compiled_anew(template: Path, left: int) -> None:
    rendered(template)
    kept(template).write_bytes(kept(template).read_bytes()[:left])
    assert rendered(template) == "port 6379"


def test_where_nothing_can_be_written_it_is_compiled_each_time(template: Path) -> None:
    kept(template).parent.write_text("no directory")
    assert rendered(template) == "port 6379"


def test_who_keeps_python_from_writing_keeps_this_too(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(template) == "port 6379"
    assert not kept(template).parent.exists()


def test_a_template_that_is_no_file_is_not_kept() -> None:
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"mine": TEXT}), bytecode_cache=CompiledBeside(__file__), autoescape=True
    )
    assert environment.get_template("mine").render(port=1) == "port 1"
