"""The verbs that show the sums: tables for people, JSON for others, and why each value is what it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import NO_ENGINE, toolkit
from tests.support.rendering import MACHINES
from toolkit.cli.app import run
from toolkit.profile.explain import path_of
from toolkit.profile.meaning import meaning
from toolkit.resources import resource_dir

Captured = pytest.CaptureFixture[str]
BASE = resource_dir("profiles") / "base.yaml"
POOL = "services.mariadb.innodb_buffer_pool_size"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(MACHINES / "two-hosts" / "toolkit.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE)
    monkeypatch.setenv("TOOLKIT_ENV", "production")
    return tmp_path


def line_of(text: str) -> str:
    """Return where the base says this, as an origin."""
    (number,) = (n for n, line in enumerate(BASE.read_text().splitlines(), 1) if line.strip() == text)
    return f"profiles/base.yaml:{number}"


def said(capsys: Captured, *words: str) -> str:
    assert run(words) == 0
    return capsys.readouterr().out


def answer(capsys: Captured, *words: str) -> Any:
    return json.loads(said(capsys, *words, "--output", "json"))


@pytest.mark.usefixtures("here")
def test_the_plan_for_others(capsys: Captured) -> None:
    plan = answer(capsys, "plan")
    assert plan["schema"] == 1
    assert [host["name"] for host in plan["hosts"]] == ["ai", "app"]
    card = {"index": 0, "uuid": None, "name": "NVIDIA RTX 4000 Ada Generation", "vram_mib": 20060}
    assert (plan["hosts"][1]["memory_mib"], plan["hosts"][1]["gpus"]) == (131072, [card])
    services = {service["name"]: service for service in plan["services"]}
    general = services["llm-general"]
    assert {key: general[key] for key in ("host", "cpus", "gpus", "image", "on_demand")} == {
        "host": "ai",
        "cpus": 4.0,
        "gpus": [0],
        "image": "vllm/vllm-openai:v0.32.0",
        "on_demand": False,
    }
    assert general["command"][0] == "Qwen/Qwen3-14B-AWQ"
    assert services["training-server"]["on_demand"]
    assert [name for wave in plan["start_order"] for name in wave][-2:] == ["api-server", "chat-server"]
    reason = plan["reasons"]["services.redis.maxmemory"]
    assert reason["value"] == int(services["redis"]["memory_mib"] * 2**20 * 0.875)
    share = {"key": "services.redis.maxmemory_share", "value": 0.875}
    assert {**share, "origin": line_of("maxmemory_share: 0.875")} in reason["inputs"]


@pytest.mark.usefixtures("here")
def test_the_sums_of_the_json_come_out(capsys: Captured) -> None:
    plan = answer(capsys, "plan")
    for host in plan["hosts"]:
        mine = [s["memory_mib"] * s["replicas"] for s in plan["services"] if s["host"] == host["name"]]
        assert sum(mine) == host["planned_mib"]
        assert host["memory_mib"] == host["planned_mib"] + host["headroom_mib"] + host["spare_mib"]


@pytest.mark.usefixtures("here")
def test_one_host_of_the_plan(capsys: Captured) -> None:
    plan = answer(capsys, "plan", "--host", "app")
    assert [host["name"] for host in plan["hosts"]] == ["app"]
    assert {service["host"] for service in plan["services"]} == {"app"}


@pytest.mark.usefixtures("here")
def test_tables_are_80_columns_wide_and_without_colours(capsys: Captured) -> None:
    text = said(capsys, "plan")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "llm-production: 2 hosts, 4 cards, 12 services, 2 reserved" in text
    assert "embeddings 82%," in text
    assert "100%, on demand" in text
    assert "of 2048.0 GiB for images, models, logs" in text


def test_a_machine_without_unicode_gets_bars_all_the_same(here: Path) -> None:
    found = toolkit(
        "plan", "--project-dir", str(here), cwd=here, PYTHONIOENCODING="ascii", TOOLKIT_ENV="testing"
    )
    assert (found.code, found.err) == (0, "")
    assert "###" in found.out


@pytest.mark.usefixtures("here")
def test_why_a_value_is_what_it_is(capsys: Captured) -> None:
    text = said(capsys, "explain", POOL)
    assert text.startswith(
        f"{POOL} = 41.2 GiB (44280315904 bytes)\n  formula   max(min(memory_limit × buffer_pool_share"
    )
    assert f"    services.mariadb.buffer_pool_share = 0.75   {line_of('buffer_pool_share: 0.75')}\n" in text
    assert "          profiles/hardware/rtx-4000-ada-two-hosts.yaml:36\n" in text
    assert "    services.mariadb.buffer_pool_share larger: it grows\n" in text
    assert "    hosts.app.memory larger: it grows\n" in text
    assert "    headroom.share larger: it shrinks\n" in text
    assert "without effect as things stand: headroom.floor," in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.usefixtures("here")
def test_a_flag_that_said_an_input_is_named(capsys: Captured) -> None:
    text = said(capsys, "explain", POOL, "--set", "services.mariadb.buffer_pool_share=0.5")
    assert "services.mariadb.buffer_pool_share = 0.5" in text
    assert "--set services.mariadb.buffer_pool_share" in text


@pytest.mark.usefixtures("here")
def test_an_explanation_for_others(capsys: Captured) -> None:
    found = answer(capsys, "explain", "services.llm_general.kv_tokens")
    assert (found["schema"], found["unit"], found["value"]) == (1, "tokens", 40624)
    inputs = {one["key"]: one for one in found["inputs"]}
    assert inputs["hosts.ai.gpus[0].memory"]["origin"] == "profiles/hardware/rtx-4000-ada-two-hosts.yaml:12"
    assert inputs["models.qwen3-14b-awq.facts.attention"]["value"] == "40 layers × 8 heads × 128"
    moved = {one["key"]: (one["moved"], one["then"]) for one in found["changes"]}
    assert moved["models.qwen3-14b-awq.facts.weights"] == ("larger", "smaller")
    assert moved["services.llm_general.flags.tensor_parallel_size"] == ("larger", "refused")


@pytest.mark.usefixtures("here")
def test_a_setting_is_explained_by_its_line_and_its_use(capsys: Captured) -> None:
    text = said(capsys, "explain", "services.redis.maxmemory_share")
    assert text == (
        "services.redis.maxmemory_share = 0.875\n"
        "  means     Redis' maxmemory as a share of the container's limit; the rest is\n"
        "            for connections and fragmentation.\n"
        f"  said by   {line_of('maxmemory_share: 0.875')}\n"
        "  used by   services.redis.maxmemory\n"
    )


@pytest.mark.parametrize(
    ("key", "begins"),
    [
        ("services.mariadb.max_connections", "Connections at once, 10 to 100000."),
        # as in another section, or key
        ("services.llm_fast.concurrency", "Requests that shall be answered at once"),
        ("services.mariadb.join_buffer_size", "What each connection may have"),
        # a free name
        ('models."any.name".licence', ""),
        ("hosts.mine.memory", ""),
        ("no.such.key", None),
    ],
)
def test_what_the_reference_says_of_a_key(key: str, begins: str | None) -> None:
    text = meaning(resource_dir("profiles"), path_of(key))
    assert (text == "") == (begins is None)
    assert text.startswith(begins or "")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("services.mariadb.innodb_bufer_pool_size", f"did you mean `{POOL}`?"),
        ("innodb_buffer_pool_size", f"did you mean `{POOL}`?"),
        ("nothing.like.it", "`toolkit explain` lists every key"),
    ],
)
def test_an_unknown_key_gets_the_nearest(key: str, hint: str, capsys: Captured) -> None:
    assert run(["explain", key]) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_without_a_key_all_are_listed(capsys: Captured) -> None:
    lines = said(capsys, "explain").splitlines()
    assert any(line.split() == [POOL, "41.2", "GiB"] for line in lines)
    assert answer(capsys, "explain")["reasons"].keys() == {line.split()[0] for line in lines}


def test_keys_of_the_plan_are_completed(here: Path) -> None:
    words = {"COMP_WORDS": "toolkit explain services.mariadb.innodb", "COMP_CWORD": "2"}
    found = toolkit(cwd=here, _TOOLKIT_COMPLETE="complete_bash", TOOLKIT_ENV="production", **words)
    assert found.out.split() == [POOL]
    words = {"COMP_WORDS": "toolkit explain hosts.app", "COMP_CWORD": "2"}
    found = toolkit(cwd=here, _TOOLKIT_COMPLETE="complete_bash", TOOLKIT_ENV="production", **words)
    assert {"hosts.app.spare", "hosts.app.planned", "hosts.app.memory"} <= set(found.out.split())


@pytest.mark.usefixtures("here")
def test_a_disk_that_cannot_hold_images_and_models_is_refused(capsys: Captured) -> None:
    assert run(["plan", "--set", "hosts.ai.disk=30GiB"]) == 2
    err = capsys.readouterr().err
    assert "hosts.ai.disk: images, models and logs alone need more than it has" in err
    assert "the disk" in err
    assert "together" in err
