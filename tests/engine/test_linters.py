"""Each rendered file is accepted by the program that reads it, and a wrong one is not."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import linters
from tests.support.models import generated
from tests.support.rendering import CASES, MACHINES, render_profile, render_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.engine

# Every branch of the templates that no environment takes by itself.
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "one-model": {"llm_fast": {"enabled": False}},
    "large": {
        "redis": {"persistence": True, "cpus": 8.0, "memory": "16GiB"},
        "edge": {"cpus": 4.0, "max_connections": 4096},
        "mariadb": {"memory": "64GiB", "log_file_size": "1GiB", "slow_query_after": "500ms"},
        "llm_general": {
            "served_name": "org/name-1.5b",
            "lora_modules": [{"name": "org/legal", "source": "dir:/srv/legal"}],
            "flags": {
                "max_num_queued_reqs": 64,
                "max_lora_rank": 64,
                "enable_prefix_caching": False,
                "kv_cache_dtype": "fp8",
            },
        },
    },
    "vectors": {
        "embeddings": {"enabled": True, "model": "tiny-embeddings"},
        "prometheus": {"port": 9090, "scrape_interval": "500ms"},
    },
    "least": {"mariadb": {"memory": "512MiB"}, "redis": {"memory": "64MiB"}},
}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """All trees: the golden cases and the variants, rendered anew."""
    root = tmp_path_factory.mktemp("trees")
    root.chmod(0o755)
    plain = [render_tree(machine, env, root / f"{env}-{machine}") for machine, env in CASES]
    return (*plain, *(render_profile(_variant(name), "testing", root / name) for name in VARIANTS))


def _variant(name: str) -> str:
    profile = yaml.safe_load((MACHINES / "cpu-offline" / "toolkit.yaml").read_text())
    for service, section in VARIANTS[name].items():
        profile["services"].setdefault(service, {}).update(section)
    # what the largest promises; a file is only read here, whatever the machine has
    profile["hosts"]["local"] |= {"memory": "128GiB", "cpus": 16.0}
    return yaml.safe_dump(profile)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
    return tmp_path


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the generated models, by their names in the catalogue."""
    directory = tmp_path_factory.mktemp("models")
    directory.chmod(0o755)
    for name in ("tiny", "tiny-embeddings"):
        shutil.copytree(generated(name), directory / name)
    return directory


def distinct(trees: tuple[Path, ...], pattern: str) -> dict[str, Path]:
    """Return one directory for each different text of the files that match."""
    found = {file.read_text(): file.parent for tree in trees for file in tree.rglob(pattern)}
    assert len(found) >= len(VARIANTS)
    return found


def wrong(directory: Path, name: str, line: str, to: Path) -> Path:
    """Return a copy of a configuration's directory with one line more in the file `name`."""
    to.mkdir()
    for file in directory.iterdir():
        (to / file.name).write_text(file.read_text() + (line if file.name == name else ""))
    return to


def test_haproxy_accepts_every_edge(trees: tuple[Path, ...], state: Path) -> None:
    for directory in distinct(trees, "haproxy.cfg").values():
        verdict = linters.haproxy(directory, state)
        assert (verdict.code, verdict.complaints) == (0, ()), verdict.text
        assert "Configuration file is valid" in verdict.text


def test_haproxy_refuses_a_line_that_it_does_not_know(trees: tuple[Path, ...], state: Path) -> None:
    directory = wrong(trees[0] / "edge", "haproxy.cfg", "    bogus-keyword on\n", state / "edge")

    verdict = linters.haproxy(directory, state)

    assert verdict.code == 1
    assert "unknown keyword 'bogus-keyword'" in verdict.complaints[0]


def test_redis_serves_with_every_configuration(trees: tuple[Path, ...], state: Path) -> None:
    for directory in distinct(trees, "redis.conf").values():
        verdict = linters.redis(directory, state)
        assert (verdict.code, verdict.complaints) == (0, ()), verdict.text


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("bogus-option 1\n", "Unresolved Configuration(s) Detected"),
        ("maxmemory-policy bogus\n", "FATAL CONFIG FILE ERROR"),
    ],
)
def test_redis_refuses_what_it_does_not_know(
    trees: tuple[Path, ...], state: Path, line: str, complaint: str
) -> None:
    directory = wrong(_only(trees[0], "redis"), "redis.conf", line, state / "redis")

    verdict = linters.redis(directory, state)

    assert verdict.code == 1
    assert complaint in verdict.complaints[0]
    assert line.strip() in verdict.text


def test_mariadb_takes_every_value_as_written(trees: tuple[Path, ...]) -> None:
    for text, directory in distinct(trees, "my.cnf").items():
        verdict = linters.mariadb(directory)
        assert (verdict.code, verdict.complaints) == (0, ())
        in_force = dict(
            line.split(None, 1) for line in verdict.text.splitlines() if len(line.split(None, 1)) == 2
        )
        for name, value in _assignments(text).items():
            assert _plain(in_force[name.replace("_", "-")]) == _plain(value), name


def _assignments(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if " = " in line and not line.startswith("#")]
    return dict(line.split(" = ", 1) for line in lines)


def _plain(value: str) -> object:
    words = {"ON": 1, "TRUE": 1, "OFF": 0, "FALSE": 0}
    value = value.strip()
    factor = {"K": 2**10, "M": 2**20, "G": 2**30}.get(value[-1:], 1)
    try:
        return words[value] if value in words else float(value.rstrip("KMG")) * factor
    except ValueError:
        return value


@pytest.mark.parametrize(
    ("line", "code", "complaint"),
    [
        ("bogus_option = 1\n", 7, "unknown variable 'bogus_option=1'"),
        ("innodb_buffer_pool_instances = 4\n", 0, "'innodb-buffer-pool-instances' was removed"),
        ("innodb_flush_method = O_DIRECT\n", 0, "--innodb-flush-method is deprecated"),
    ],
)
def test_mariadb_complains_of_what_it_does_not_want(
    trees: tuple[Path, ...], state: Path, line: str, code: int, complaint: str
) -> None:
    verdict = linters.mariadb(wrong(_only(trees[0], "mariadb"), "my.cnf", line, state / "mariadb"))

    assert verdict.code == code
    assert any(complaint in said for said in verdict.complaints), verdict.complaints


def test_postgresql_accepts_every_configuration(trees: tuple[Path, ...]) -> None:
    for directory in distinct(trees, "files/vector-db/*/postgresql.conf").values():
        verdict = linters.vector_db(directory)
        assert (verdict.code, verdict.complaints) == (0, ()), verdict.text


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("bogus_option = 1\n", 'unrecognized configuration parameter "bogus_option"'),
        ("work_mem = 3 parsecs\n", 'syntax error in file "/etc/postgresql/postgresql.conf"'),
        ("max_connections = many\n", 'invalid value for parameter "max_connections"'),
    ],
)
def test_postgresql_refuses_what_it_does_not_know(
    trees: tuple[Path, ...], state: Path, line: str, complaint: str
) -> None:
    (file,) = trees[0].glob("files/vector-db/*/postgresql.conf")
    verdict = linters.vector_db(wrong(file.parent, "postgresql.conf", line, state / "vector-db"))

    assert verdict.code == 1
    assert complaint in verdict.text


def _only(tree: Path, service: str) -> Path:
    (directory,) = (tree / "files" / service).iterdir()
    return directory


def test_prometheus_accepts_every_configuration(trees: tuple[Path, ...]) -> None:
    for directory in distinct(trees, "prometheus.yml").values():
        verdict = linters.prometheus(directory)
        assert (verdict.code, verdict.complaints) == (0, ()), verdict.text
        assert "is valid prometheus config file syntax" in verdict.text
        if "rule_files" in (directory / "prometheus.yml").read_text():
            assert re.search(r"SUCCESS: [1-9]\d* rules found", verdict.text)


def test_promtool_refuses_a_rule_that_is_no_expression(trees: tuple[Path, ...], state: Path) -> None:
    directory = wrong(_only(trees[0], "prometheus"), "alerts.yml", "", state / "prometheus")
    rules = directory / "alerts.yml"
    rules.write_text(rules.read_text().replace("(up) < 1", "(up < 1"))

    verdict = linters.prometheus(directory)

    assert verdict.code == 1
    assert "could not parse expression" in verdict.text


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("bogus_key: 1\n", "field bogus_key not found"),
        ("  - job_name: models\n", 'found multiple scrape configs with job name "models"'),
        ("    scrape_timeout: 1h\n", "scrape timeout greater than scrape interval"),
    ],
)
def test_promtool_refuses_what_prometheus_would(
    trees: tuple[Path, ...], state: Path, line: str, complaint: str
) -> None:
    directory = wrong(_only(trees[0], "prometheus"), "prometheus.yml", line, state / "prometheus")

    verdict = linters.prometheus(directory)

    assert verdict.code == 1
    assert complaint in verdict.text


@cache
def _argvs(trees: tuple[Path, ...]) -> tuple[tuple[str, ...], ...]:
    files = (file for tree in trees for file in sorted(tree.rglob("compose.yaml")))
    projects = (yaml.safe_load(file.read_text().replace("$$", "$")) for file in files)
    return tuple(
        dict.fromkeys(
            tuple(service["command"])
            for project in projects
            for name, service in project["services"].items()
            if name.startswith(("llm-", "embeddings"))
        )
    )


def test_vllm_parses_every_argv_and_refuses_another(trees: tuple[Path, ...], tiny_models: Path) -> None:
    argvs = _argvs(trees)
    assert {argv[0] for argv in argvs} > {"/models/tiny", "Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B-AWQ"}

    *verdicts, unknown = linters.vllm((*argvs, (*argvs[0], "--bogus-flag", "1")), tiny_models, deep=False)

    assert [verdict["error"] for verdict in verdicts] == [None] * len(argvs)
    assert (unknown["ok"], unknown["stage"]) == (False, "parse")
    assert "unrecognized arguments: --bogus-flag" in unknown["error"]


def test_vllm_makes_an_engine_configuration_of_what_is_here(
    trees: tuple[Path, ...], tiny_models: Path
) -> None:
    argvs = [argv for argv in _argvs(trees) if argv[0].startswith("/models/tiny")]
    assert len(argvs) > len(VARIANTS)
    (vectors,) = (argv for argv in argvs if argv[0] == "/models/tiny-embeddings")

    *verdicts, impossible, cut = linters.vllm(
        (
            *argvs,
            (*argvs[0], "--tensor-parallel-size", "3"),
            (*vectors, "--max-num-batched-tokens", "2048"),
        ),
        tiny_models,
        deep=True,
    )

    assert [verdict["error"] for verdict in verdicts] == [None] * len(argvs)
    assert (impossible["ok"], impossible["stage"]) == (False, "engine_config")
    assert "must be divisible by tensor parallel size (3)" in impossible["error"]
    assert (cut["ok"], cut["stage"]) == (False, "engine_config")
    assert "max_num_batched_tokens (2048) is smaller than max_model_len (6144)" in cut["error"]
