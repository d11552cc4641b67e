"""Every option that is said to be gone: the pinned server refuses it, complains of it, or does nothing with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import linters
from tests.support.engine import execute
from tests.support.rendering import render_tree
from toolkit.engine import linters as product_linters
from toolkit.engine.argv import ThrowAway, run
from toolkit.engine.linters import Lint
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.images import PINS, local_ref
from toolkit.planning.removed_options import REMOVED, Removed

pytestmark = pytest.mark.engine

# Taken and not used, without a word (config.c, deprecatedConfig; redis.conf of 8.0).
SILENT = {"list-max-ziplist-entries", "list-max-ziplist-value", "io-threads-do-reads"}


def of(program: str) -> list[Removed]:
    return [one for one in REMOVED if one.program == program]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for path in (root, *root.parents[:2]):
        path.chmod(0o755)
    return render_tree("cpu-offline", "testing", root / "one")


def with_line(directory: Path, name: str, line: str, to: Path) -> Path:
    to.mkdir(parents=True)
    to.chmod(0o755)
    for file in directory.iterdir():
        (to / file.name).write_text(file.read_text() + (line if file.name == name else ""))
    return to


def test_vllm_has_none_of_these_flags() -> None:
    flags = of("vllm")
    found = linters.vllm([("m", one.option, "1") for one in flags], Path("/tmp"), deep=False)
    for one, verdict in zip(flags, found, strict=True):
        # Two begin like newer flags, and are refused in other words.
        assert verdict["stage"] == "parse", one
        assert one.option in str(verdict["error"]), one


def test_vllm_has_what_stands_in_their_place() -> None:
    argvs = [
        ("m", "--kv-offloading-size", "4"),
        ("m", "--enable-log-requests"),
        ("m", "--async-scheduling"),
        ("m", "--runner", "pooling", "--convert", "embed"),
        ("m", "--distributed-executor-backend", "ray"),
        ("m", "--structured-outputs-config", '{"backend": "auto"}'),
        ("m", "--speculative-config", '{"method": "ngram", "num_speculative_tokens": 2}'),
        ("m", "--reasoning-parser", "qwen3"),
        ("m", "--hf-overrides", '{"rope_theta": 1000000}'),
        ("m", "--enable-lora"),
    ]
    found = linters.vllm(argvs, Path("/tmp"), deep=False)
    assert [verdict["error"] for verdict in found] == [None] * len(argvs)


@pytest.mark.parametrize("one", of("mariadb"), ids=lambda one: one.option)
def test_mariadb(one: Removed, tree: Path, tmp_path: Path) -> None:
    (config,) = (tree / "files" / "mariadb").iterdir()
    tmp_path.chmod(0o755)
    verdict = linters.mariadb(with_line(config, "my.cnf", f"{one.option} = 1\n", tmp_path / "c"))
    assert verdict.complaints, verdict.text[:500]
    assert one.option.replace("_", "-") in verdict.complaints[0].replace("_", "-")


@pytest.mark.parametrize("one", of("redis"), ids=lambda one: one.option)
def test_redis(one: Removed, tree: Path, tmp_path: Path) -> None:
    (config,) = (tree / "files" / "redis").iterdir()
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    verdict = linters.redis(with_line(config, "redis.conf", f"{one.option} 1\n", tmp_path / "c"), tmp_path)
    assert (verdict.complaints == ()) == (one.option in SILENT), verdict.text


@pytest.mark.parametrize("one", of("haproxy"), ids=lambda one: one.option)
def test_haproxy(one: Removed, tree: Path, tmp_path: Path) -> None:
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    place = "\nglobal\n" if one.option == "nbproc" else "\nfrontend lint\n    bind unix@/tmp/lint.sock\n"
    config = with_line(tree / "edge", "haproxy.cfg", f"{place}    {one.option} 1\n", tmp_path / "c")
    verdict = linters.haproxy(config, tmp_path)
    assert verdict.code == 1, verdict.text
    assert one.option.split()[-1] in verdict.text


@pytest.mark.parametrize("one", of("vector-db"), ids=lambda one: one.option)
def test_postgresql(one: Removed, tree: Path, tmp_path: Path) -> None:
    (config,) = (tree / "files" / "vector-db").glob("*/postgresql.conf")
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    line = f"{one.option} = '1'\n"
    verdict = linters.vector_db(with_line(config.parent, "postgresql.conf", line, tmp_path / "c"))
    assert verdict.code == 1
    assert f'unrecognized configuration parameter "{one.option}"' in verdict.text


@pytest.mark.parametrize("one", of("nginx"), ids=lambda one: one.option)
def test_nginx(one: Removed, tree: Path) -> None:
    (config,) = (tree / "files" / "response-cache").glob("*/nginx.conf")
    text = config.read_text().replace("http {\n", f"http {{\n    {one.option} on;\n", 1)
    dialect = product_linters.nginx("/etc/response-cache", {"/etc/response-cache/nginx.conf": text})
    pin = PINS["nginx"]
    asked = Lint(("response-cache",), local_ref(pin), f"{pin.uid}:{pin.gid}", dialect)
    done = SubprocessRunner().run(run(asked.once("removed")), stdin=asked.stdin())
    assert one.option in product_linters.complaints(done)


@pytest.mark.parametrize("one", of("prometheus"), ids=lambda one: one.option)
def test_prometheus(one: Removed, tree: Path, tmp_path: Path) -> None:
    if one.option.startswith("--"):
        once = ThrowAway(local_ref(PINS["prometheus"]), (f"{one.option}=1",), entrypoint="prometheus")
        assert "unknown long flag" in execute(*run(once)).stderr
        return
    (config,) = (tree / "files" / "prometheus").iterdir()
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    line = f"  - job_name: other\n    {one.option}: []\n"
    assert one.option in linters.prometheus(with_line(config, "prometheus.yml", line, tmp_path / "c")).text
