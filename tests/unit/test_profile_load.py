"""A profile is loaded from its layers, and everything that is wrong with any of them is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.profiles import Project
from toolkit.profile.load import load_profile
from toolkit.profile.names import known_names
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"])
def test_without_a_file_or_a_word_the_base_decides(project: Project, text: str | None) -> None:
    loaded = project.load(text)
    assert (loaded.settings.environment, loaded.settings.hardware) == ("development", "cpu")
    assert [layer.name for layer in loaded.layers][-3:] == ["base", "hardware", "environment"]


def test_each_layer_is_laid_over_the_one_below(project: Project) -> None:
    text = "environment: testing\nservices:\n  redis: {memory: 1GiB}\n  edge:\n    port: 9000\n"
    loaded = project.load(text, "services.redis.max_clients=77", "services.edge.port=9001")
    services = loaded.settings.services
    assert (services.redis.memory, services.redis.max_clients, services.edge.port) == (2**30, 77, 9001)
    assert str(loaded.origins["services.redis.memory"]) == "toolkit.yaml:3"
    assert str(loaded.origins["services.redis.max_clients"]) == "--set services.redis.max_clients"
    assert str(loaded.origins["services.edge.port"]) == "--set services.edge.port"
    assert str(loaded.origins["services.mariadb.cpus"]).startswith("profiles/hardware/cpu.yaml:")
    assert str(loaded.origins["services.llm_fast.flags.greedy"]).startswith(
        "profiles/environments/testing.yaml:"
    )
    assert str(loaded.origins["services.redis.maxmemory_share"]).startswith("profiles/base.yaml:")
    assert str(loaded.origins["environment"]) == "toolkit.yaml:1"
    assert str(loaded.origins["models.tiny.source"]).startswith("profiles/models/tiny.yaml:")


def test_every_key_has_an_origin(project: Project) -> None:
    loaded = project.load()
    dumped = loaded.settings.services.model_dump()
    for service, section in dumped.items():
        assert all(f"services.{service}.{key}" in loaded.origins for key in section)


def test_a_flag_chooses_before_the_file(project: Project) -> None:
    loaded = project.load("environment: testing\n", env="production")
    assert loaded.settings.environment == "production"
    assert str(loaded.origins["environment"]) == "--env"
    assert [layer.source for layer in loaded.layers][-2:] == [
        "profiles/environments/production.yaml",
        "toolkit.yaml",
    ]


def test_the_last_of_two_sets_wins(project: Project) -> None:
    loaded = project.load(None, "services.edge.port=9000", "services.edge.port=9001")
    assert loaded.settings.services.edge.port == 9001


def test_a_model_of_the_catalogue_is_changed_key_by_key(project: Project) -> None:
    loaded = project.load("models:\n  tiny: {revision: abc}\n")
    tiny = loaded.settings.models["tiny"]
    assert (tiny.revision, tiny.source) == ("abc", "generated")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("prod", "did you mean `production`? "),
        ("developmnt", "did you mean `development`? "),
        ("../base", ""),
    ],
)
def test_an_unknown_environment_by_flag_and_by_file(project: Project, name: str, hint: str) -> None:
    rest = f"unknown environment `{name}`\n  next: {hint}known: development, production, testing"
    assert project.refused(env=name) == [f"--env: {rest}"]
    assert project.refused(f"# mine\nenvironment: {name}\n") == [f"toolkit.yaml:2: {rest}"]


def test_an_unknown_hardware(project: Project) -> None:
    known = ", ".join(known_names(project.profiles).hardware)
    (message,) = project.refused(hardware="toaster")
    assert message == f"--hardware: unknown hardware `toaster`\n  next: known: {known}"


def test_a_name_that_is_no_text(project: Project) -> None:
    (message,) = project.refused("environment: [testing]\n")
    assert message.startswith("toolkit.yaml:1: unknown environment `something that is not a name`\n")


def test_an_unknown_model(project: Project) -> None:
    assert project.refused("services:\n  llm_fast:\n    model: tinny\n") == [
        "toolkit.yaml:3: unknown model `tinny`\n  next: did you mean `tiny`? known: "
        + ", ".join(known_names(project.profiles).models)
    ]


def test_broken_yaml(project: Project) -> None:
    assert project.refused("services:\n\tredis: {}\n") == [
        "toolkit.yaml:2: broken YAML: a tab stands in the indentation\n"
        "   got: redis: {}\n"
        "  next: indent with spaces only"
    ]


def test_an_unknown_key_with_the_nearest_one(project: Project) -> None:
    assert project.refused("services:\n  redis:\n    memroy: 1GiB\n") == [
        "toolkit.yaml:3: unknown key `services.redis.memroy`\n"
        '   got: "1GiB" (text)\n'
        "  next: did you mean `services.redis.memory`? `toolkit profile schema` lists every key"
    ]


def test_a_wrong_type_three_layers_deep(project: Project) -> None:
    assert project.refused("services:\n  redis:\n    health:\n      retries: many\n") == [
        "toolkit.yaml:4: `services.redis.health.retries` has the wrong type\n"
        '   got: "many" (text)\n'
        "  next: write a whole number of at least 1"
    ]


def test_an_amount_without_its_unit(project: Project) -> None:
    (message,) = project.refused("services:\n  redis:\n    memory: 512\n")
    assert message.startswith(
        "toolkit.yaml:3: `services.redis.memory` is not of the right form\n"
        "   got: 512 (a whole number)\n"
        "  next: write an amount"
    )
    assert "2GiB or 12.5%" in message


def test_a_version_without_its_quotes(project: Project) -> None:
    (message,) = project.refused("engine: {version: 20.10}\n")
    assert "got: 20.10 (a number)" in message
    assert '"20.10" in quotes' in message


def test_the_fault_is_told_at_the_layer_that_said_it(project: Project) -> None:
    testing = project.profiles / "environments" / "testing.yaml"
    testing.write_text("services:\n  redis: {max_clients: 1}\n  edge: {port: 70000}\n")
    messages = project.refused("services:\n  edge: {port: 70001}\n", "services.redis.pids=x", env="testing")
    assert [message.partition("\n")[0] for message in messages] == [
        "--set services.redis.pids: `services.redis.pids` has the wrong type",
        "profiles/environments/testing.yaml:2: `services.redis.max_clients` is out of range",
        "toolkit.yaml:2: `services.edge.port` is out of range",
    ]


def test_everything_at_once_sorted_by_file_and_line(project: Project) -> None:
    text = (
        "services:\n"
        "  redis:\n"
        "    persistence: yes\n"
        "    memory: 1GiB\n"
        "    memory: 2GiB\n"
        "    idle_timeout: 12:30\n"
        "  mariadb: {max_conections: 10}\n"
    )
    assert [message.partition("\n")[0] for message in project.refused(text)] == [
        "toolkit.yaml:3: `yes` is true or false to some readers of YAML and text to others",
        "toolkit.yaml:5: the key `memory` is there twice: in line 4 and in line 5",
        "toolkit.yaml:6: `12:30` is taken for a number in base 60 by YAML",
        "toolkit.yaml:7: unknown key `services.mariadb.max_conections`",
    ]


def test_faults_of_flags_and_files_together(project: Project) -> None:
    messages = project.refused("a: b: c\n", "x", "services.redis.pids", env="tests")
    assert [message.partition("\n")[0] for message in messages] == [
        "--env: unknown environment `tests`",
        "--set: there is no `=`",
        "--set: there is no `=`",
        "toolkit.yaml:1: broken YAML: a `:` stands where none can",
    ]


@pytest.mark.parametrize("text", ["- a\n", "just words\n"])
def test_a_file_that_is_no_mapping(project: Project, text: str) -> None:
    (message,) = project.refused(text)
    assert message.startswith("toolkit.yaml:1: the top level is not a mapping\n")


def test_a_file_of_nearly_the_right_name(project: Project) -> None:
    (project.directory / "toolkit.yml").write_text("environment: testing\n")
    assert project.refused() == [
        "toolkit.yml: a file of this name is not read\n  next: rename it to toolkit.yaml"
    ]


def test_only_the_user_chooses_environment_and_hardware(project: Project) -> None:
    (project.profiles / "hardware" / "cpu.yaml").write_text("environment: testing\n")
    assert project.refused() == [
        "profiles/hardware/cpu.yaml:1: `environment` cannot be chosen here\n"
        "  next: remove it; --env or toolkit.yaml choose"
    ]


def test_a_base_that_is_gone(project: Project) -> None:
    (project.profiles / "base.yaml").unlink()
    messages = project.refused(env="testing", hardware="cpu")
    assert messages[0].startswith("profiles/base.yaml: the file is not there\n")


def test_known_names_are_those_of_the_files(project: Project) -> None:
    known = known_names(project.profiles)
    assert known.environments == ("development", "production", "testing")
    assert "cpu" in known.hardware
    assert "tiny" in known.models
    assert known_names(project.directory).models == ()


@pytest.mark.parametrize("environment", ["development", "testing", "production"])
def test_the_shipped_profiles_are_valid(tmp_path: Path, environment: str) -> None:
    for hardware in known_names(resource_dir("profiles")).hardware:
        loaded = load_profile(
            tmp_path,
            environment=environment,
            hardware=hardware,
            sets=(),
            profiles_dir=resource_dir("profiles"),
        )
        assert (loaded.settings.environment, loaded.settings.hardware) == (environment, hardware)
