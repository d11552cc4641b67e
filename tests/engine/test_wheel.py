"""The wheel alone, in an empty directory with nothing of the checkout near, brings up `testing`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from tests.support.engine import containers_of, execute, volumes_of
from tests.support.ports import free_port
from tests.support.quiet import busy
from tests.support.stack import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
SHIPPED = ("compose", "templates", "profiles")
# How an install reaches its index and a command its engine; nothing of the checkout is in them.
KEPT = (
    "HOME",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "PIP_INDEX_URL",
    "PIP_CERT",
    "SSL_CERT_FILE",
    "PIP_CONFIG_FILE",
)
KEPT_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
LIMIT_S = 600


@dataclass(frozen=True)
class Installed:
    """A virtual environment that holds the wheel, and an empty directory to work in."""

    bin: Path
    directory: Path

    def run(self, program: str, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        environ = {name: os.environ[name] for name in (*KEPT, *KEPT_PROXIES) if name in os.environ}
        done = subprocess.run(
            [str(self.bin / program), *words],
            cwd=self.directory,
            env={
                **environ,
                "PATH": f"{self.bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        assert done.returncode == code, (
            f"{program} {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    words = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(ROOT))
    done = execute(sys.executable, "-m", "pip", *words, timeout_s=LIMIT_S)
    assert done.returncode == 0, done.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    root = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(root / "venv")], check=True)
    (root / "empty").mkdir()
    here = Installed(root / "venv" / "bin", root / "empty")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    here.run("python", *pip, "--require-hashes", "--requirement", str(ROOT / "requirements.lock"))
    here.run("python", *pip, "--no-deps", str(wheel))
    return here


def test_the_wheel_carries_what_the_checkout_has(wheel: Path) -> None:
    files = (path for name in SHIPPED for path in (ROOT / name).rglob("*") if path.is_file())
    wanted = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    with zipfile.ZipFile(wheel) as archive:
        inside = {
            name.removeprefix("toolkit/assets/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("toolkit/assets/")
        }

    assert "compose/images/vllm/make_tiny_model.py" in inside
    assert set(inside) == wanted
    assert all(content == (ROOT / name).read_bytes() for name, content in inside.items())


def test_the_package_and_its_files_are_the_installed_ones(installed: Installed) -> None:
    program = (
        "import sys; from toolkit.resources import resource_dir;"
        f"print(*[resource_dir(name) for name in {SHIPPED}], sys.prefix, sep='\\n')"
    )

    *directories, prefix = installed.run("python", "-c", program).stdout.splitlines()

    assert [Path(one).name for one in directories] == list(SHIPPED)
    assert all(one.startswith(prefix) and "/toolkit/assets/" in one for one in directories)
    assert not any(str(ROOT) in one for one in (prefix, *directories))


def test_init_prints_a_profile_and_writes_nothing(installed: Installed) -> None:
    done = installed.run("toolkit", "init", "--print", "--env", "testing", "--quiet")

    profile = yaml.safe_load(done.stdout)
    assert (profile["environment"], profile["hardware"]) == ("testing", "cpu")
    assert profile["image_source"] in {"registry", "local"}
    assert list(installed.directory.iterdir()) == []


@pytest.fixture
def options(installed: Installed) -> Iterator[list[str]]:
    """Options of a stack that is this test's own, whatever `init` chose here; it is removed at the end."""
    name = f"t{uuid.uuid4().hex[:8]}"
    sets = {
        "project": name,
        "image_source": "local",
        "model_cache.source": "volume",
        "services.edge.port": str(free_port()),
        "services.llm_general.model": "tiny",
        "services.llm_fast.model": "tiny",
    }
    words = [
        "--env",
        "testing",
        *(word for key, value in sets.items() for word in ("--set", f"{key}={value}")),
    ]
    try:
        yield words
    finally:
        installed.run("toolkit", "down", "--volumes", "--yes-delete", f"{name}-testing", *words)
        assert containers_of(f"{name}-testing") == volumes_of(f"{name}-testing") == []


def test_up_serves_completions_and_leaves_nothing_behind(installed: Installed, options: list[str]) -> None:
    with busy():
        done = installed.run("toolkit", "up", "--wait=models", "--output=json", *options)

    result = json.loads(done.stdout)
    assert set(result["services"].values()) == {"healthy"}
    assert sorted(result["services"]) == list(SERVICES)
    served = {
        model: (answer["served_by"], bool(answer["text"])) for model, answer in result["completions"].items()
    }
    assert served == {"general": ("llm-general", True), "fast": ("llm-fast", True)}
    assert (installed.directory / "toolkit.yaml").read_text().startswith("# Your profile")

    key = Path(result["new_keys"]["default"]).read_text()
    messages = [{"role": "user", "content": "Hello"}]
    answer = httpx.post(
        f"{result['endpoint']}/v1/chat/completions",
        json={"model": "fast", "messages": messages, "max_tokens": 4},
        headers={"authorization": f"Bearer {key}"},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]
