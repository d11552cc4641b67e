"""A fault in a real container, what `toolkit diagnose` says of it first, and whether the remedy cures it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_OTHERS = ("edge", "response_cache", "llm_general", "llm_fast", "mariadb", "vector_db", "prometheus", "redis")
# These can be all that a profile has; the others need models behind them.
_ALONE = frozenset({"redis", "mariadb", "vector_db"})
_IMAGES = {
    "redis": "llm-stack/redis:8.0",
    "mariadb": "llm-stack/mariadb:11.8",
    "vector-db": "llm-stack/vector-db:0.8-pg17",
    "edge": "llm-stack/haproxy:3.0",
    "response-cache": "llm-stack/nginx:1.26",
    "prometheus": "llm-stack/prometheus:2.53",
    "llm-general": "llm-stack/vllm:0.32",
}
# It serves by then, or it has ended; a model server reads its libraries for half a minute on a busy machine.
_SECONDS = 20.0
_MODEL_SECONDS = 150.0


@dataclass(frozen=True)
class Run:
    """How a container is started: options of `docker run`, and its command; `files` are made in a directory before.

    `{dir}` in options and command is that directory. `until` is a pattern of its output after which it is looked at;
    without one it is looked at when it has ended, or after some seconds.
    """

    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    until: str = ""
    after: str = ""
    """A shell command, run in the container once it says `until`."""


@dataclass(frozen=True)
class Fault:
    """One injected fault: what was done wrong (`broken`), the same after the remedy was carried out (`cured`).

    `check` and `cause` are what the first finding has to say, `remedy` a word of the remedy that `cured` follows.
    `good` is a pattern of the output of a container that is cured; "" where it has only to run.
    """

    name: str
    service: str
    broken: Run
    cured: Run
    check: str
    cause: str
    remedy: str
    good: str = ""


@dataclass(frozen=True)
class Result:
    """What came out: the first finding of diagnose, whether it is the one expected, and whether the cure helped."""

    fault: Fault
    first: str
    cause: str
    remedy: str
    named: bool
    cured: bool
    detail: str = ""


def try_fault(fault: Fault, directory: Path) -> Result:
    """Inject, diagnose, cure; the containers are gone afterwards, whatever happens."""
    project = f"faulty-{uuid.uuid4().hex[:8]}"
    place = _project(directory, project, fault.service)
    with _running(project, fault.service, fault.broken, place):
        first = _first(place, fault.service)
    named = (
        re.fullmatch(fault.check, str(first.get("check"))) is not None
        and re.search(fault.cause, first.get("cause", ""), re.IGNORECASE) is not None
        and re.search(fault.remedy, first.get("remedy", ""), re.IGNORECASE) is not None
    )
    with _running(project, fault.service, fault.cured, place) as name:
        cured = _is_well(name, fault.good)
    detail = json.dumps(first, ensure_ascii=False)[:1500] if not named else ""
    said = {key: str(first.get(key, "")) for key in ("check", "cause", "remedy")}
    return Result(fault, said["check"], said["cause"], said["remedy"], named, cured, detail)


def _project(directory: Path, project: str, service: str) -> Path:
    """Write a profile of this service and as few others as it can stand with."""
    own = service.replace("-", "_")
    kept = {own} if own in _ALONE else {own, "edge", "llm_general", "llm_fast"}
    lines = [f"  {name}: {{enabled: false}}" for name in _OTHERS if name not in kept]
    lines += [f"  {name}: {{model: tiny}}" for name in ("llm_general", "llm_fast") if name in kept]
    (directory / "toolkit.yaml").write_text(
        f"environment: testing\nhardware: cpu\nproject: {project}\nimage_source: local\n"
        'engine: {version: "20.10"}\nmodel_cache: {source: volume}\n'
        "hosts: {local: {memory: 24GiB, cpus: 2}}\nservices:\n" + "\n".join(lines) + "\n"
    )
    return directory


@contextmanager
def _running(project: str, service: str, run: Run, place: Path) -> Iterator[str]:
    name = f"{project}-testing-{service}-1"
    for path, text in run.files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o644)
    labels = {
        "com.docker.compose.project": f"{project}-testing",
        "com.docker.compose.service": service,
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
    }
    marks = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    fill = [one.replace("{dir}", str(place)) for one in (*run.options, "--", *run.command)]
    split = fill.index("--")
    image = _IMAGES[service]
    command = ["docker", "create", "--name", name, *marks, *fill[:split], image, *fill[split + 1 :]]
    try:
        made = _docker(*command[1:])
        if made.returncode == 0:
            _docker("start", name)
            _wait(name, run, _MODEL_SECONDS if service.startswith("llm") else _SECONDS)
        yield name
    finally:
        _docker("rm", "--force", "--volumes", name)


def _wait(name: str, run: Run, seconds: float) -> None:
    """Wait until it has ended or says `until`; what is asked for after that is done then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if run.until and re.search(run.until, _output(name)):
            break
        if _docker("inspect", "--format", "{{.State.Running}}", name).stdout.strip() != "true":
            return
        time.sleep(0.2)
    if run.after:
        _docker("exec", name, "sh", "-c", run.after)


def _is_well(name: str, good: str) -> bool:
    running = _docker("inspect", "--format", "{{.State.Running}}", name).stdout.strip() == "true"
    return running and (not good or re.search(good, _output(name)) is not None)


def _output(name: str) -> str:
    said = _docker("logs", name)
    return said.stdout + said.stderr


def _first(place: Path, service: str) -> dict[str, Any]:
    """Return the first finding that `toolkit diagnose` reports about a service; the others are not even there."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"}
    said = subprocess.run(
        [sys.executable, "-m", "toolkit", "diagnose", "--output", "json"],
        cwd=place,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    body = json.loads(said.stdout)
    assert "findings" in body, said.stdout + said.stderr
    findings: list[dict[str, Any]] = body["findings"]
    # The container is made by hand, so that it differs from the rendered one in any case.
    about = (
        one
        for one in findings
        if one["subject"] == service
        and one["status"] in {"fail", "warn"}
        and one["check"] != "release.differs"
    )
    return next(about, {})


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=180)
