"""vLLM's own word on the size of its cache, beside the planner's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import kv_engine
from tests.support.engine import docker
from toolkit.planning.images import PINS, image_ref
from toolkit.planning.kv import CPU_BLOCK_TOKENS, KvLayout, tokens_in
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.units import MIB

pytestmark = pytest.mark.engine
LIMIT_S = 240
# Layers, heads, KV heads, size of a head; MiB of the cache, the longest context.
SETTINGS = (
    ("one-kv-head", (2, 2, 1, 32), 64, 6144),
    ("two-kv-heads", (3, 4, 2, 64), 16, 4096),
    ("all-heads", (4, 4, 4, 64), 40, 8192),
    ("wide-heads", (2, 2, 2, 128), 100, 32768),
    ("many-layers", (24, 4, 2, 32), 48, 2048),
)


def config(layers: int, heads: int, kv_heads: int, head_dim: int) -> dict[str, Any]:
    """Return a config.json of a Qwen2 without weights."""
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_size": heads * head_dim,
        "intermediate_size": 128,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "max_position_embeddings": 32768,
        "vocab_size": 1024,
        "tie_word_embeddings": True,
        "dtype": "bfloat16",
    }


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """The tokens of `KV cache size: N tokens` in vLLM's log, by setting."""
    room = tmp_path_factory.mktemp("kv")
    settings = []
    for name, shape, cache_mib, length in SETTINGS:
        (room / name).mkdir()
        (room / name / "config.json").write_text(json.dumps(config(*shape)))
        sizes = {"kv_cache_memory_bytes": cache_mib * MIB, "max_model_len": length, "max_num_seqs": 4}
        settings.append({"model": name, **sizes})
    (room / "settings.json").write_text(json.dumps(settings))
    shutil.copy(kv_engine.__file__, room / "kv_engine.py")
    for path in (room, *room.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    log = docker(*_words(room))
    return [int(found.replace(",", "")) for found in re.findall(r"KV cache size: ([\d,]+) tokens", log)]


def _words(room: Path) -> tuple[str, ...]:
    quiet = ("OMP_NUM_THREADS=1", "VLLM_NO_USAGE_STATS=1", "HF_HUB_OFFLINE=1", "DO_NOT_TRACK=1")
    environment = [word for name in quiet for word in ("--env", name)]
    mount = ("--volume", f"{room}:/kv:ro", "--memory", "2g", "--network", "none")
    script = (
        "--entrypoint",
        "timeout",
        image_ref(PINS["vllm"], "local"),
        str(LIMIT_S),
        "python3",
        "/kv/kv_engine.py",
        "/kv",
    )
    return ("run", "--rm", *environment, *mount, *script)


@pytest.mark.parametrize("number", range(len(SETTINGS)), ids=[name for name, *_ in SETTINGS])
def test_tokens_of_the_cache_are_what_was_planned(number: int, said: list[int]) -> None:
    """Within 2 %: vLLM counts whole blocks."""
    _, (layers, heads, kv_heads, head_dim), cache_mib, length = SETTINGS[number]
    facts = ModelFacts(
        layers, (Attention(layers, kv_heads, head_dim),), heads * head_dim, 128, 1024, 0, 32768
    )
    layout = KvLayout(2, 2048, block_tokens=CPU_BLOCK_TOKENS)

    assert len(said) == len(SETTINGS)
    assert tokens_in(facts, layout, cache_mib * MIB, length) == pytest.approx(said[number], rel=0.02)
