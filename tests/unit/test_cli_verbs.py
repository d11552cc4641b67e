"""What the verbs without an engine answer, in words and in JSON, and what they leave behind."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import NO_ENGINE, project
from toolkit import __version__
from toolkit.cli.app import run

Captured = pytest.CaptureFixture[str]


def answer(capsys: Captured, *words: str) -> Any:
    assert run([*words, "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("here")
def test_the_version(capsys: Captured) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"toolkit {__version__}\n", "")


@pytest.mark.usefixtures("here")
def test_validate_answers_for_machines(capsys: Captured) -> None:
    assert answer(capsys, "validate", "--env", "testing", "--lint", "static") == {
        "environment": "testing",
        "valid": True,
        "services": [
            *("redis", "mariadb", "vector-db", "response-cache", "edge"),
            *("prometheus", "llm-general", "llm-fast"),
        ],
        "warnings": [],
        "lint": [],
    }


@pytest.mark.usefixtures("here")
def test_validate_without_an_engine_says_so_and_passes_nothing(capsys: Captured) -> None:
    assert run(["validate", "--env", "testing", "--output", "json"]) == 0
    out, err = capsys.readouterr()
    assert {one["status"] for one in json.loads(out)["lint"]} == {"not linted"}
    assert err.startswith(
        "note: redis, mariadb, vector-db, response-cache, edge, prometheus, llm-general, llm-fast: "
    )
    assert "`toolkit validate --lint static`" in err
    assert run(["validate", "--env", "testing", "--strict"]) == 3
    assert "not linted" in capsys.readouterr().err


def test_validate_takes_all_hosts_or_one(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "toolkit.yaml").write_text(
        "hardware: rtx-4000-ada-two-hosts\nimage_source: registry\nmodel_cache: {source: volume}\n"
        'engine: {version: "28.5"}\nhosts: {ai: {address: 10.0.0.1}, app: {address: 10.0.0.2}}\n'
    )
    words = ("validate", "--lint", "off", "--project-dir", str(tmp_path))
    both = answer(capsys, *words)["services"]
    each = [answer(capsys, *words, "--host", host)["services"] for host in ("ai", "app")]
    assert both == each[0] + each[1]
    assert ("llm-general" in each[0], "mariadb" in each[1]) == (True, True)


def test_render_writes_once(here: Path, capsys: Captured) -> None:
    first = answer(capsys, "render", "--env", "testing")
    second = answer(capsys, "render", "--env", "testing")

    assert sorted(first) == ["digests", "directories", "environment", "files", "written"]
    assert sorted(first["files"]) == sorted(first["written"])
    assert second == {**first, "written": []}
    assert run(["render", "--env", "testing"]) == 0
    assert capsys.readouterr().out == f"{here}/build/testing: 11 files, 0 written\n"
    assert run(["render", "--env", "testing", "--check"]) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_environments_stand_side_by_side(here: Path) -> None:
    assert run(["render", "--env", "testing"]) == run(["render", "--env", "production"]) == 0
    names = {
        path.name: yaml.safe_load((path / "compose.yaml").read_text())["name"]
        for path in (here / "build").iterdir()
    }
    assert names == {"testing": "llm-testing", "production": "llm-production"}


@pytest.mark.usefixtures("here")
def test_a_flag_stands_above_the_environment_variable(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_ENV", "production")
    assert answer(capsys, "validate", "--lint=off")["environment"] == "production"
    assert answer(capsys, "validate", "--lint=off", "-e", "testing")["environment"] == "testing"


def test_another_directory_can_be_meant(tmp_path: Path, capsys: Captured) -> None:
    there = project(tmp_path / "there", more="project: mine\n")
    assert run(["render", "--project-dir", str(there), "--env", "testing"]) == 0
    assert "name: mine-testing\n" in (there / "build" / "testing" / "compose.yaml").read_text()
    assert capsys.readouterr().out == f"{there}/build/testing: 11 files, 11 written\n"


@pytest.mark.usefixtures("here")
def test_profile_list(capsys: Captured) -> None:
    found = answer(capsys, "profile", "list")
    assert found["environments"] == ["development", "production", "testing"]
    assert "cpu" in found["hardware"]
    assert found["presets"] == ["exaone"]
    assert found["personas"] == ["data-analyst", "multi-tasker", "speed-runner"]
    assert {"tiny", "qwen3-0.6b"} <= set(found["models"])
    terms = {key: value for key, value in found["models"]["bge-m3"].items() if key != "facts"}
    assert terms == {
        "source": "hf:BAAI/bge-m3",
        "revision": None,
        "licence": "MIT",
        "trust_remote_code": False,
    }


@pytest.mark.usefixtures("here")
def test_profile_list_shows_under_which_terms_a_model_is(capsys: Captured) -> None:
    assert run(["profile", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "presets:      exaone" in lines
    assert "personas:     data-analyst, multi-tasker, speed-runner" in lines
    models = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines if line.startswith("  ")}
    assert models["qwen3-14b-awq"] == "Apache-2.0"
    assert models["exaone-3.5-7.8b-awq"] == (
        "EXAONE AI Model License 1.1 - NC (non-commercial); runs code of its repository"
    )


@pytest.mark.usefixtures("here")
def test_a_persona_and_the_strict_set_by_flag(capsys: Captured) -> None:
    said = answer(capsys, "profile", "show", "--persona", "multi-tasker", "--strict")
    assert said["persona"] == {"value": "multi-tasker", "origin": "--persona"}
    assert said["strict"] == {"value": True, "origin": "--strict"}
    assert said["services.edge.max_connections"]["value"] == 3000


@pytest.mark.usefixtures("here")
def test_profile_show_says_who_said_it(capsys: Captured) -> None:
    assert run(["profile", "show", "--set", "services.edge.port=9000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (port,) = [line for line in lines if "9000" in line]
    assert "--set services.edge.port" in port
    (engine,) = [line for line in lines if "20.10" in line]
    assert "toolkit.yaml:5" in engine


@pytest.mark.usefixtures("here")
def test_profile_show_of_one_layer(capsys: Captured) -> None:
    assert run(["profile", "show", "--persona", "data-analyst", "--layer", "persona"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "workers:"
    said = [line for line in lines if line != "targets:"]
    assert all("# profiles/personas/data-analyst.yaml:" in line for line in said[1:])

    assert run(["profile", "show", "--layer", "persona"]) == 2
    assert capsys.readouterr().err == (
        "error: --layer: unknown layer `persona`\n"
        "  next: known: models, base, hardware, environment, toolkit.yaml\n"
    )


@pytest.mark.usefixtures("here")
def test_profile_schema_is_json(capsys: Captured) -> None:
    assert run(["profile", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_keys_are_shown_by_file_and_hash_only(here: Path, capsys: Captured) -> None:
    assert run(["keys", "list"]) == 0
    assert capsys.readouterr().out == "no keys\n"

    added = answer(capsys, "keys", "add", "alice")
    file = Path(added["file"])
    raw = file.read_text()
    assert file == here / ".toolkit" / "development" / "keys" / "alice.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (added["name"], added["live"], raw[:3]) == ("alice", False, "sk-")

    listed = answer(capsys, "keys", "list")
    assert [row["name"] for row in listed["keys"]] == ["alice"]
    assert raw not in json.dumps([added, listed])


def test_a_key_taken_back_without_an_engine_is_gone_but_not_called_done(here: Path, capsys: Captured) -> None:
    file = Path(answer(capsys, "keys", "add", "alice")["file"])

    assert run(["keys", "revoke", "alice"]) == 3

    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error: keys revoke: `alice` is taken back here, but a running edge could not be told\n"
        f"   got: Docker Engine at {NO_ENGINE}: the engine is not running\n"
        "  next: if the edge is running: toolkit restart edge\n"
    )
    assert not file.exists()
    assert (here / ".toolkit" / "development" / "edge" / "keys.map").read_text() == ""
    assert answer(capsys, "keys", "list") == {"keys": []}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "Alice"], "error: keys add: this is no name for a key\n   got: 'Alice'\n"),
        (["revoke", "bob"], "error: keys revoke: no key has this name\n   got: bob\n"),
        (["revoke", "toolkit"], "error: keys revoke: `toolkit` is the toolkit's own key"),
    ],
)
def test_keys_that_cannot_be(words: list[str], message: str, capsys: Captured) -> None:
    assert run(["keys", *words]) == 2
    assert capsys.readouterr().err.startswith(message)
