"""The layers that have a name, and the strict set: who chooses them, and in which order they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.profiles import Project
from toolkit.profile.names import CHOOSING, NAMED_LAYERS, known_names
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def edge(**leaves: object) -> str:
    return f"services: {{edge: {{{', '.join(f'{key}: {value}' for key, value in leaves.items())}}}}}\n"


ORDER = ("hardware", "environment", "preset", "persona", "strict", "toolkit.yaml", "--set")
# Each layer says one leaf less than the one below it: the last that says a leaf has the word.
LEAVES = ("cpus", "pids", "port", "max_connections", "memory", "check_interval", "address")
VALUES = (
    ("1.25", "1.5", "1.75", "2.0", "2.25", "2.5", "2.75"),
    ("21", "22", "23", "24", "25", "26", "27"),
    ("101", "102", "103", "104", "105", "106", "107"),
    ("201", "202", "203", "204", "205", "206", "207"),
    ("1MiB", "2MiB", "3MiB", "4MiB", "5MiB", "6MiB", "7MiB"),
    ("1s", "2s", "3s", "4s", "5s", "6s", "7s"),
    ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"),
)


def test_the_order_of_the_layers(project: Project) -> None:
    said = [
        edge(**{leaf: values[i] for leaf, values in list(zip(LEAVES, VALUES, strict=True))[i:]})
        for i in range(7)
    ]
    project.write(
        hardware__cpu=said[0],
        environments__testing=said[1],
        presets__exaone=said[2],
        personas__analyst=said[3],
        strict=said[4],
    )
    chosen = "environment: testing\npreset: exaone\npersona: analyst\nstrict: true\n"
    loaded = project.load(chosen + said[5], f"services.edge.address={VALUES[6][6]}")
    origins = [loaded.origins[f"services.edge.{leaf}"].source for leaf in LEAVES]
    assert origins == [
        "profiles/hardware/cpu.yaml",
        "profiles/environments/testing.yaml",
        "profiles/presets/exaone.yaml",
        "profiles/personas/analyst.yaml",
        "profiles/strict.yaml",
        "toolkit.yaml",
        "--set services.edge.address",
    ]
    assert tuple(layer.name for layer in loaded.layers[-7:]) == ORDER


def test_nobody_is_chosen_where_nobody_is_named(project: Project) -> None:
    settings = project.load().settings
    assert (settings.preset, settings.persona, settings.strict) == (None, None, False)
    project.write(base=(project.profiles / "base.yaml").read_text().replace("persona: null\n", ""))
    assert "`persona` is missing" in project.refused()[0]


def test_a_persona_by_file_by_flag_and_by_null(project: Project) -> None:
    loaded = project.load("persona: multi-tasker\n")
    assert loaded.settings.persona == "multi-tasker"
    assert str(loaded.origins["persona"]) == "toolkit.yaml:1"
    assert str(loaded.origins["services.edge.max_connections"]).startswith(
        "profiles/personas/multi-tasker.yaml:"
    )
    loaded = project.load(persona="data-analyst")
    assert (loaded.settings.persona, str(loaded.origins["persona"])) == ("data-analyst", "--persona")
    assert project.load("persona: null\n").settings.persona is None


def test_the_strict_set_by_file_and_by_flag(project: Project) -> None:
    project.write(strict=edge(pids=99))
    for loaded in (project.load("strict: true\n"), project.load("strict: false\n", strict=True)):
        assert (loaded.settings.strict, loaded.settings.services.edge.pids) == (True, 99)
    assert str(loaded.origins["strict"]) == "--strict"
    loaded = project.load("strict: false\n")
    assert (loaded.settings.strict, loaded.settings.services.edge.pids) == (False, 128)


def test_strict_is_true_or_false(project: Project) -> None:
    assert project.refused("strict: 1\n") == [
        "toolkit.yaml:1: `strict` has the wrong type\n   got: 1 (a whole number)\n  next: write true or false"
    ]


KNOWN = "known: data-analyst, multi-tasker, speed-runner"


@pytest.mark.parametrize(
    ("name", "hint"), [("speedrunner", "did you mean `speed-runner`? "), ("zzz", ""), ("../strict", "")]
)
def test_an_unknown_persona(project: Project, name: str, hint: str) -> None:
    rest = f"unknown persona `{name}`\n  next: {hint}{KNOWN}"
    assert project.refused(persona=name) == [f"--persona: {rest}"]
    assert project.refused(f"# mine\npersona: {name}\n") == [f"toolkit.yaml:2: {rest}"]


@pytest.mark.parametrize("written", ["false", "5"])
def test_a_persona_that_is_no_name(project: Project, written: str) -> None:
    assert project.refused(f"persona: {written}\n") == [
        f"toolkit.yaml:1: unknown persona `{written}`\n  next: {KNOWN}"
    ]


def test_an_unknown_preset(project: Project) -> None:
    assert project.refused("preset: exoane\n") == [
        "toolkit.yaml:1: unknown preset `exoane`\n  next: did you mean `exaone`? known: exaone"
    ]


CHOOSERS = {
    "hardware": "--hardware or toolkit.yaml choose",
    "environment": "--env or toolkit.yaml choose",
    "preset": "toolkit.yaml chooses",
    "persona": "--persona or toolkit.yaml choose",
    "strict": "--strict or toolkit.yaml choose",
}


@pytest.mark.parametrize("key", CHOOSERS)
@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("personas/multi-tasker", "persona: multi-tasker\n"),
        ("presets/exaone", "preset: exaone\n"),
        ("strict", "strict: true\n"),
        ("environments/development", ""),
    ],
)
def test_no_shipped_layer_chooses_another(project: Project, path: str, chosen: str, key: str) -> None:
    project.write(**{path.replace("/", "__"): f"# it would\n{key}: null\n"})
    assert project.refused(chosen) == [
        f"profiles/{path}.yaml:2: `{key}` cannot be chosen here\n  next: remove it; {CHOOSERS[key]}"
    ]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("persona=data-analyst", "use --persona NAME instead"),
        ("preset=exaone", "write `preset: NAME` in toolkit.yaml instead"),
        ("strict=true", "use --strict instead"),
    ],
)
def test_set_chooses_no_layer(project: Project, text: str, instead: str) -> None:
    key = text.partition("=")[0]
    assert project.refused(None, text) == [
        f"--set {key}: `{key}` decides which layers are read\n   got: {text}\n  next: {instead}"
    ]
    assert set(CHOOSING) == {*(layer.key for layer in NAMED_LAYERS), "strict"}


def test_a_preset_and_the_file_do_not_both_choose_a_model(project: Project) -> None:
    text = (
        "preset: exaone\nservices:\n  llm_general: {model: tiny}\n  llm_fast: {model: exaone-3.5-2.4b-awq}\n"
    )
    assert project.refused(text) == [
        "toolkit.yaml:3: the preset chooses `services.llm_general.model`, and so does this line\n"
        "   got: tiny, in the preset exaone-3.5-7.8b-awq\n"
        "  next: remove this line, or the preset"
    ]
    loaded = project.load("preset: exaone\n", "services.llm_general.model=tiny")
    assert loaded.settings.services.llm_general.model == "tiny"


SHIPPED = known_names(resource_dir("profiles"))


@pytest.mark.parametrize("environment", SHIPPED.environments)
@pytest.mark.parametrize("persona", SHIPPED.personas)
def test_the_shipped_personas_are_valid(project: Project, environment: str, persona: str) -> None:
    settings = project.load(env=environment, persona=persona, strict=True).settings
    assert (settings.environment, settings.persona, settings.strict) == (environment, persona, True)


@pytest.mark.parametrize("preset", SHIPPED.presets)
def test_the_shipped_presets_are_valid_and_choose_both_models(project: Project, preset: str) -> None:
    settings = project.load(f"preset: {preset}\n").settings
    assert "auto" not in {settings.services.llm_general.model, settings.services.llm_fast.model}


def test_code_of_a_repository_runs_only_at_a_pinned_commit(project: Project) -> None:
    models = project.load().settings.models
    running = {name: model.revision or "" for name, model in models.items() if model.trust_remote_code}
    assert set(running) == {"exaone-3.5-7.8b-awq", "exaone-3.5-2.4b-awq"}
    assert all(len(revision) == 40 for revision in running.values())
    assert all("non-commercial" in models[name].licence for name in running)
