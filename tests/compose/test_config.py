"""The real Compose, without a daemon, reads what was rendered, and means by it what the plan means."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.golden import GOLDEN
from tests.support.rendering import CASES, MACHINES, render_profile
from toolkit.render.bundle import HASH_LABEL

pytestmark = pytest.mark.compose
# One file for each host of each tree.
TREES = sorted(
    str(file.parent.relative_to(GOLDEN))
    for machine, environment in CASES
    for file in (GOLDEN / f"{environment}-{machine}").rglob("compose.yaml")
)


def compose(file: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `docker compose` on `file` with an engine that is not there."""
    known = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DOCKER_HOST": "unix:///nowhere",
    }
    return subprocess.run(
        ["docker", "compose", "--file", str(file), *words],
        env={**known, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def understood(file: Path, **environ: str) -> dict[str, Any]:
    """Return the whole file as Compose understands it, without a word of complaint; its doubled `$` are taken back."""
    done = compose(file, "config", "--format", "json", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout.replace("$$", "$")))


@pytest.mark.parametrize("tree", TREES)
def test_compose_accepts_and_understands_what_was_written(tree: str) -> None:
    file = GOLDEN / tree / "compose.yaml"
    written = yaml.safe_load(file.read_text().replace("$$", "$"))

    project = understood(file)

    assert project["name"] == written["name"] == f"llm-{tree.partition('-')[0]}"
    assert sorted(project["services"]) == sorted(written["services"])
    assert {name: n.get("internal", False) for name, n in project["networks"].items()} == {
        name: n.get("internal", False) for name, n in written["networks"].items()
    }
    for name, service in written["services"].items():
        seen = project["services"][name]
        assert seen["command"] == service.get("command") or "command" not in service
        assert seen["environment"] == service["environment"] if "environment" in service else True
        assert seen["healthcheck"].get("test") == service["healthcheck"].get("test")
        assert seen["labels"] == service["labels"]
        assert int(seen["mem_limit"]) == int(seen["memswap_limit"]) == in_bytes(service["mem_limit"])


def in_bytes(text: str) -> int:
    return int(text[:-1]) * {"m": 2**20, "g": 2**30}[text[-1]]


@pytest.mark.parametrize("tree", TREES)
def test_relative_sources_lie_where_the_toolkit_keeps_them(tree: str, tmp_path: Path) -> None:
    environment, host = tree.partition("-")[0], tree.partition("/")[2]
    directory = tmp_path / "build" / environment / host
    directory.mkdir(parents=True)
    (directory / "compose.yaml").write_bytes((GOLDEN / tree / "compose.yaml").read_bytes())

    project = understood(directory / "compose.yaml")

    binds = {
        mount["source"]
        for service in project["services"].values()
        for mount in service.get("volumes", ())
        if mount["type"] == "bind"
    }
    state = tmp_path / ".toolkit" / environment
    inside = sorted(source for source in binds if source.startswith(str(tmp_path)))
    if "edge" in project["services"]:
        assert [str(state / "edge"), str(directory / "edge")] == [s for s in inside if s.endswith("/edge")]
    assert {mount.partition(str(tmp_path))[2].split("/")[1] for mount in inside} <= {".toolkit", "build"}
    assert all(
        source.startswith((f"{state}/", f"{tmp_path}/.toolkit/", f"{directory}/")) for source in inside
    )
    secrets = {str(secret["file"]) for secret in project.get("secrets", {}).values()}
    assert {secret.rpartition("/")[0] for secret in secrets} <= {f"{state}/secrets"}
    if "mariadb" in project["services"]:
        assert {
            f"{state}/secrets/{name}" for name in ("mariadb-password", "mariadb-root-password")
        } <= secrets


AWKWARD = (
    "$HOME",
    "${PRICE}",
    "$$",
    "a$b",
    "100%",
    '"quoted"',
    "it's",
    "a: b # c",
    "über",
    "",
    " padded ",
    "no",
)


def test_values_are_taken_as_they_stand(tmp_path: Path) -> None:
    values = {f"V{number}": value for number, value in enumerate((*AWKWARD, "1.10", "two\nlines"))}
    profile = yaml.safe_load((MACHINES / "cpu-offline" / "toolkit.yaml").read_text())
    profile["services"]["llm_fast"] |= {"environment": values, "served_name": "fast/v1.0"}
    tree = render_profile(yaml.safe_dump(profile), "testing", tmp_path)

    service = understood(tree / "compose.yaml", PRICE="bought", HOME="/home/ada")["services"]["llm-fast"]

    assert {name: service["environment"][name] for name in values} == values
    assert service["command"][1:4] == ["--served-model-name", "fast/v1.0", "general"]


def test_a_patch_is_understood_with_all_that_it_lays_over_a_service(tmp_path: Path) -> None:
    (tmp_path / "compose").mkdir()
    (tmp_path / "compose" / "redis.patch.yaml").write_text(
        "labels: {team: red}\nextra_hosts: [ntp:10.0.0.9]\nstop_grace_period: null\n"
        "volumes: [{type: volume, source: dumps, target: /dumps}]\nenvironment: {WHERE: $PLACE}\n"
    )
    profile = yaml.safe_load((MACHINES / "cpu-offline" / "toolkit.yaml").read_text()) | {"patches": ["redis"]}
    tree = render_profile(yaml.safe_dump(profile), "testing", tmp_path)

    project = understood(tree / "compose.yaml", PLACE="here")

    redis = project["services"]["redis"]
    assert (redis["extra_hosts"], redis["environment"]) == (["ntp=10.0.0.9"], {"WHERE": "here"})
    assert (set(redis["labels"]), redis["labels"]["team"]) == ({HASH_LABEL, "team"}, "red")
    assert {"/usr/local/etc/redis", "/dumps"} <= {mount["target"] for mount in redis["volumes"]}
    assert ("stop_grace_period" in redis, "dumps" in project["volumes"]) == (False, True)


def test_a_file_that_compose_does_not_know_is_refused(tmp_path: Path) -> None:
    text = (GOLDEN / TREES[0] / "compose.yaml").read_text()
    (tmp_path / "compose.yaml").write_text(text.replace("pids_limit: 64", "pid_limit: 64"))

    done = compose(tmp_path / "compose.yaml", "config", "--quiet")

    assert done.returncode != 0
    assert "pid_limit" in done.stderr
