"""Local images: which are built, in which order, by which commands; and what a user reads when one fails."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.support.build_runner import NO_TORCH, BuildRunner, pairs
from toolkit.engine import images_argv
from toolkit.errors import EngineError, UsageError
from toolkit.resources import resource_dir
from toolkit.routines.images import build_images, list_images

CONTEXTS = resource_dir("compose") / "images"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root user's machine: debootstrap is there, nothing forbids to install. Returns its PATH directory."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("debootstrap", "apt-get"):
        (programs / name).write_text("")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("TOOLKIT_NO_INSTALL", raising=False)
    monkeypatch.delenv("TOOLKIT_DEBIAN_MIRROR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return programs


@pytest.fixture
def contexts(tmp_path: Path) -> Path:
    return shutil.copytree(CONTEXTS, tmp_path / "images")


def build(
    runner: BuildRunner, contexts: Path = CONTEXTS, *names: str, **more: Any
) -> tuple[tuple[str, ...], list[str]]:
    told: list[str] = []
    return build_images(runner, contexts, names or ("redis",), told.append, **more), told


def refusal(runner: BuildRunner, *names: str) -> str:
    with pytest.raises(EngineError) as caught:
        build(runner, CONTEXTS, *names)
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_build_of_what_cannot_be_built_is_refused_before_anything_is_done() -> None:
    runner = BuildRunner()
    with pytest.raises(UsageError, match=r"services\.elasticsearch: its image cannot be built"):
        build(runner, CONTEXTS, "redis", "elasticsearch")
    assert runner.calls == []


def test_first_build_makes_the_base_then_the_image() -> None:
    runner = BuildRunner()
    built, told = build(runner)
    assert built == ("llm-stack/redis:8.0",)
    assert runner.commands() == [
        "unshare --mount",
        "tar --numeric-owner",
        "docker import",
        "docker build",
        "docker build",
        "docker image",
    ]
    assert list(runner.images) == ["llm-stack/rootfs:trixie", "llm-stack/base:trixie", "llm-stack/redis:8.0"]
    assert told == [
        "debootstrap trixie",
        "packing trixie",
        "importing llm-stack/rootfs:trixie",
        "building llm-stack/base:trixie",
        "llm-stack/base:trixie: Step 1/2 : FROM base",
        "building llm-stack/redis:8.0",
        "llm-stack/redis:8.0: Step 1/2 : FROM base",
    ]


def test_builds_use_the_classic_builder_and_never_pull() -> None:
    runner = BuildRunner()
    build(runner)
    builds = [
        (call, env) for call, env in zip(runner.calls, runner.environments, strict=True) if "build" in call
    ]
    assert [env for _, env in builds] == [{"DOCKER_BUILDKIT": "0"}] * 2
    assert all("--pull=false" in call for call, _ in builds)
    assert dict(pairs(builds[1][0], "--build-arg")) == {"BASE": "llm-stack/base:trixie"}


def test_what_is_ready_is_left_alone() -> None:
    runner = BuildRunner()
    build(runner, CONTEXTS, "redis", "haproxy")
    runner.calls.clear()
    assert build(runner, CONTEXTS, "redis", "haproxy") == ((), [])
    assert len(runner.calls) == 1


def test_a_changed_context_makes_one_image_stale(contexts: Path) -> None:
    runner = BuildRunner()
    build(runner, contexts, "redis", "mariadb")
    (contexts / "mariadb" / "my.cnf").write_text("[mariadbd]\n")
    states = {row.pin.name: row.state for row in list_images(runner, contexts)}
    assert (states["redis"], states["mariadb"], states["haproxy"]) == ("ready", "stale", "missing")
    assert states["elasticsearch"] == "none"
    assert build(runner, contexts, "redis", "mariadb")[0] == ("llm-stack/mariadb:11.8",)


def test_a_changed_base_makes_all_images_stale(contexts: Path) -> None:
    runner = BuildRunner()
    build(runner, contexts, "redis", "haproxy")
    (contexts / "base" / "apt.conf").write_text("")
    runner.calls.clear()
    assert len(build(runner, contexts, "redis", "haproxy")[0]) == 2
    # the root file system stays, the base on it is built once
    assert runner.commands() == ["docker build"] * 3 + ["docker image"]


def test_modes_and_caches_do_not_make_an_image_stale(contexts: Path) -> None:
    runner = BuildRunner()
    build(runner, contexts)
    (contexts / "redis" / "Dockerfile").chmod(0o600)
    (contexts / "redis" / "__pycache__").mkdir()
    (contexts / "redis" / "__pycache__" / "x.pyc").write_text("")
    assert build(runner, contexts)[0] == ()


def test_rebuild_takes_no_layer_from_before() -> None:
    runner = BuildRunner()
    build(runner)
    runner.calls.clear()
    assert build(runner, rebuild=True)[0] == ("llm-stack/redis:8.0",)
    builds = [call for call in runner.calls if call[:2] == ("docker", "build")]
    assert len(builds) == 2
    assert all("--no-cache" in call for call in builds)


def test_two_names_of_one_local_image_are_one_build() -> None:
    assert build(BuildRunner(), CONTEXTS, "vllm", "vllm-cpu")[0] == ("llm-stack/vllm:0.32",)


def test_wheels_are_downloaded_once_and_offered_while_the_build_runs(contexts: Path) -> None:
    runner = BuildRunner()
    _, told = build(runner, contexts, "vllm")
    assert [line for line in told if line.startswith("downloading")] == [
        "downloading the wheels of vllm",
        "downloading the wheels of vllm: torch from https://download.pytorch.org/whl/cpu",
    ]
    assert runner.fetched == [b"wheel"]
    address = dict(pairs(runner.calls[-2], "--build-arg"))["WHEELS"]
    with pytest.raises(URLError):
        urlopen(address, timeout=5)  # noqa: S310 - our own
    (contexts / "vllm" / "check_argv.py").write_text("")
    _, told = build(runner, contexts, "vllm")
    assert "downloading the wheels of vllm" not in told
    assert len(runner.fetched) == 2


def test_wheels_are_for_the_image_s_python_and_checked_by_hash() -> None:
    argv = images_argv.download_wheels(Path("/l"), Path("/d"), torch_index=False)
    words = " ".join(argv)
    assert "--require-hashes --only-binary=:all:" in words
    assert "--python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none" in words
    assert "--platform manylinux_2_36_x86_64" in words
    assert "--extra-index-url" not in words


def test_every_locked_wheel_has_a_hash() -> None:
    lines = (CONTEXTS / "vllm" / "requirements.lock").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(names) > 100
    assert all(line.endswith(" \\") and "==" in line for line in names)
    assert sum(line.startswith("    --hash=sha256:") for line in lines) == len(names)


def test_a_mirror_of_the_user_s_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_DEBIAN_MIRROR", "http://mirror.example/debian")
    runner = BuildRunner()
    build(runner)
    bootstrap = next(call for call in runner.calls if "debootstrap" in call)
    assert bootstrap[-1] == "http://mirror.example/debian"
    base = next(call for call in runner.calls if "llm-stack/base:trixie" in call and "build" in call)
    assert dict(pairs(base, "--build-arg"))["MIRROR"] == "http://mirror.example/debian"


def test_debootstrap_is_installed_where_it_is_missing(machine: Path) -> None:
    (machine / "debootstrap").unlink()
    runner = BuildRunner()
    _, told = build(runner)
    assert runner.commands()[:2] == ["apt-get update", "apt-get install"]
    assert told[1] == "installing the Debian package debootstrap"


def test_nothing_is_installed_where_that_is_forbidden(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "debootstrap").unlink()
    monkeypatch.setenv("TOOLKIT_NO_INSTALL", "1")
    runner = BuildRunner()
    text = refusal(runner)
    assert "missing: debootstrap" in text
    assert "TOOLKIT_NO_INSTALL=1, so nothing was installed" in text
    assert "next: apt-get install debootstrap" in text
    assert runner.commands() == []


def test_no_debian_and_no_root_are_refused_before_anything_is_done(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("debootstrap", "apt-get"):
        (machine / name).unlink()
    assert "no apt-get: this is no Debian machine" in refusal(BuildRunner())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    runner = BuildRunner()
    assert "only root can make a Debian base image" in refusal(runner)
    assert runner.commands() == []


def test_a_failed_build_shows_its_last_lines() -> None:
    runner = BuildRunner(failing={"--tag": (100, "\n".join(f"line {n}" for n in range(20)))})
    text = refusal(runner)
    assert "images: building llm-stack/base:trixie failed (exit code 100)" in text
    assert "line 12" in text
    assert "line 11" not in text
    assert "next: check the network and the disk" in text


def test_a_failed_download_is_not_taken_for_a_complete_one(tmp_path: Path) -> None:
    runner = BuildRunner(failing={"download": (1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")})
    text = refusal(runner, "vllm")
    assert "downloading the wheels of vllm failed (exit code 1)" in text
    assert "DO NOT MATCH THE HASHES" in text
    runner.failing = {"download": (1, NO_TORCH)}
    assert "No matching distribution found for torch" in refusal(runner, "vllm")
    assert not list((tmp_path / "cache").rglob(".complete"))


def test_an_engine_that_is_away_is_named() -> None:
    away = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    runner = BuildRunner(failing={"inspect": (1, away)})
    assert "docker" in refusal(runner).lower()
    with pytest.raises(EngineError):
        list_images(runner, CONTEXTS)


def test_a_second_build_waits_for_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "cache" / "llm-stack-toolkit" / "build.lock"
    lock.parent.mkdir(parents=True)
    runner, told, waiting = BuildRunner(), [], threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        waiting.set()

    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = threading.Thread(target=build_images, args=(runner, CONTEXTS, ("redis",), tell))
        second.start()
        assert waiting.wait(5)
        assert told == ["another build is at work on this machine: waiting for it"]
        assert runner.commands() == []
    second.join(5)
    assert "llm-stack/redis:8.0" in runner.images
