"""What a user adds: files in the place of shipped ones, and patches, read with all that is wrong with any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.profiles import Project
from toolkit.errors import ProfileError
from toolkit.profile.additions import LoadedAdditions, load_additions
from toolkit.profile.shipped import shipped_files, short_digest
from toolkit.render.additions import Replaced
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

CONF = "templates/redis/redis.conf.j2"
SHIPPED = shipped_files(resource_dir("templates"), resource_dir("compose"))
NOW = short_digest(SHIPPED[CONF].read_bytes())
KNOWN = f"known: {', '.join(SHIPPED)}"


class Additions(Project):
    """A project whose toolkit.yaml adds files of its own."""

    def file(self, name: str, content: str | bytes) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def added(self, text: str, *, strict: bool = False) -> LoadedAdditions:
        return load_additions(self.load(text).merged, self.directory, SHIPPED, strict=strict)

    def not_added(self, text: str, *, strict: bool = False) -> list[str]:
        with pytest.raises(ProfileError) as caught:
            self.added(text, strict=strict)
        return [problem.as_text() for problem in caught.value.problems]


@pytest.fixture
def project(tmp_path: Path) -> Additions:
    return Additions(tmp_path)


def override(path: str = CONF, file: str = "mine.j2", of: str = NOW) -> str:
    return f'overrides:\n  {path}: {{file: {file}, of: "{of}"}}\n'


def test_nothing_is_added_where_nothing_is_named(project: Additions) -> None:
    project.file("compose/redis.patch.yaml", "cpus: 9\n")
    project.file(f"overrides/{CONF}", "mine")
    loaded = project.added("")
    assert (loaded.additions.replaced, loaded.additions.patches, loaded.warnings) == ({}, {}, ())


def test_what_can_be_replaced_are_templates_of_services_and_fragments() -> None:
    assert {CONF, "templates/edge/haproxy.cfg.j2", "compose/redis.yaml"} <= set(SHIPPED)
    assert not {path for path in SHIPPED if "toolkit.yaml" in path or "images" in path}


def test_a_template_and_a_fragment_are_replaced(project: Additions) -> None:
    project.file("mine.j2", "port {{ port }}\n")
    project.file("mine.yaml", "restart: always\n")
    fragment = short_digest(SHIPPED["compose/redis.yaml"].read_bytes())
    text = override() + f'  compose/redis.yaml: {{file: mine.yaml, of: "{fragment}"}}\n'
    loaded = project.added(text, strict=True)
    assert loaded.additions.replaced == {
        CONF: Replaced("port {{ port }}\n", "mine.j2"),
        "compose/redis.yaml": Replaced("restart: always\n", "mine.yaml"),
    }
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("templates/redis/redis.conf", f"did you mean `{CONF}`? "),
        ("redis.conf", f"did you mean `{CONF}`? "),
        ("compose/redis.yml", "did you mean `compose/redis.yaml`? "),
        ("README.md", ""),
        ("templates/../compose/redis.yaml", "did you mean `compose/redis.yaml`? "),
    ],
)
def test_a_path_that_is_not_shipped(project: Additions, path: str, hint: str) -> None:
    assert project.not_added(override(path)) == [
        f"toolkit.yaml:2: no file `{path}` is shipped\n  next: {hint}{KNOWN}"
    ]


def test_a_file_that_is_not_there(project: Additions) -> None:
    assert project.not_added(override()) == [
        "toolkit.yaml:2: mine.j2: the file is not there\n"
        f"  next: correct its name, or make it: toolkit profile override {CONF}"
    ]


def test_a_file_that_is_no_text(project: Additions) -> None:
    project.file("mine.j2", b"\xff\xfe")
    (message,) = project.not_added(override())
    assert message.startswith("toolkit.yaml:2: mine.j2: the file cannot be read\n   got: 'utf-8' codec")
    assert message.endswith("\n  next: make it a text file in UTF-8 that you may read")
    project.file("folder/a", "")
    (message,) = project.not_added(override(file="folder"))
    assert message.startswith("toolkit.yaml:2: folder: the file cannot be read\n   got: [Errno 21]")


def test_a_fragment_that_is_no_yaml(project: Additions) -> None:
    project.file("mine.yaml", "restart: [always\n")
    assert project.not_added(override("compose/redis.yaml", "mine.yaml")) == [
        "mine.yaml:1: broken YAML: a bracket is not closed, or a comma is missing\n"
        "   got: restart: [always\n"
        "  next: close it with ] or }, and add the comma"
    ]


STALE = (
    f"toolkit.yaml:2: `{CONF}` has changed since mine.j2 was made from it\n"
    f"   got: made from 0123456789ab, shipped is {NOW}\n"
    f'  next: bring the change over to mine.j2, then write of: "{NOW}"'
)


def test_a_stale_copy_is_a_warning_and_an_error_where_it_is_strict(project: Additions) -> None:
    project.file("mine.j2", "mine")
    loaded = project.added(override(of="0123456789ab"))
    assert [problem.as_text() for problem in loaded.warnings] == [STALE]
    assert loaded.additions.replaced[CONF].text == "mine"
    assert project.not_added(override(of="0123456789ab"), strict=True) == [STALE]


@pytest.mark.parametrize(
    ("of", "what", "got"),
    [
        ("123456789012", "has the wrong type", "123456789012 (a whole number)"),
        ('"0123"', "is not of the right form", '"0123" (text)'),
    ],
)
def test_a_digest_is_text_of_twelve_hex_digits(project: Additions, of: str, what: str, got: str) -> None:
    (message,) = project.refused(f"overrides:\n  {CONF}: {{file: mine.j2, of: {of}}}\n")
    key = f'overrides."{CONF}".of'
    assert message.startswith(
        f"toolkit.yaml:2: `{key}` {what}\n   got: {got}\n  next: write text such as 1f2e3d4c5b6a"
    )


def test_a_patch_is_read_where_it_is_listed(project: Additions) -> None:
    project.file("compose/llm-general.patch.yaml", "labels: {team: red}\nuser: null\n")
    project.file("compose/redis.patch.yaml", "# nothing yet\n")
    loaded = project.added("patches: [llm-general, redis]\n")
    assert loaded.additions.patches == {"llm-general": {"labels": {"team": "red"}, "user": None}}


@pytest.mark.parametrize(
    ("name", "hint"), [("redsi", "did you mean `redis`? "), ("llm_fast", "did you mean `llm-fast`? ")]
)
def test_a_patch_of_a_service_that_is_not_there(project: Additions, name: str, hint: str) -> None:
    (message,) = project.not_added(f"patches:\n  - {name}\n")
    assert message.startswith(f"toolkit.yaml:2: unknown service `{name}`\n  next: {hint}known: edge, ")


def test_a_patch_that_is_not_there_or_broken(project: Additions) -> None:
    project.file("compose/mariadb.patch.yaml", "cpus: 1\ncpus: 2\n")
    messages = project.not_added("patches: [redis, mariadb]\n")
    assert [message.partition("\n")[0] for message in messages] == [
        "compose/mariadb.patch.yaml:2: the key `cpus` is there twice: in line 1 and in line 2",
        "compose/redis.patch.yaml: the file is not there",
    ]


def test_everything_at_once(project: Additions) -> None:
    text = override(of="0123456789ab") + '  nothing: {file: x, of: "0123456789ab"}\npatches: [redis, zzz]\n'
    messages = project.not_added(text, strict=True)
    assert [message.partition(":")[0] for message in messages] == [
        "compose/redis.patch.yaml",
        *["toolkit.yaml"] * 3,
    ]
