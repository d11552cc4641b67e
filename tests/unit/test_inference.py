"""Engines of inference: one is built, others are known and refused, and a setting that one lacks is an error."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.errors import ProfileError, UsageError
from toolkit.planning.inference import ENGINES
from toolkit.settings.vllm import Llm, VllmFlags

GENERAL = "services.llm_general"


def refusals(*sets: str) -> dict[str, str]:
    with pytest.raises(UsageError) as caught:
        plan(*sets)
    assert caught.value.exit_code == 2
    return {problem.where: problem.as_text() for problem in caught.value.problems}


def test_the_engine_that_is_built_has_every_setting() -> None:
    assert ENGINES["vllm"].servers is not None
    assert ENGINES["vllm"].flags == frozenset(VllmFlags.model_fields)
    assert plan(f"{GENERAL}.engine=vllm").service("llm-general") is not None


@pytest.mark.parametrize("name", ["tensorrt-llm", "sglang"])
def test_a_known_engine_that_is_not_built_is_refused(name: str) -> None:
    assert (
        f"{name} is known, but its servers are not built yet"
        in refusals(f"{GENERAL}.engine={name}")[f"{GENERAL}.engine"]
    )


def test_a_setting_that_an_engine_lacks_is_an_error_and_never_silence() -> None:
    found = refusals(
        f"{GENERAL}.engine=sglang",
        f"{GENERAL}.flags.greedy=true",
        f"{GENERAL}.flags.kv_cache_memory_bytes=64MiB",
    )
    assert found[f"{GENERAL}.flags.kv_cache_memory_bytes"] == (
        f"{GENERAL}.flags.kv_cache_memory_bytes: sglang has no such setting\n"
        "   got: 67108864\n"
        "  next: write null, or another engine"
    )
    assert found[f"{GENERAL}.flags.greedy"].endswith("write false, or another engine")
    adapter = f"{GENERAL}.lora_modules=[{{name: a, source: 'dir:/a'}}]"
    assert f"{GENERAL}.lora_modules" in refusals(f"{GENERAL}.engine=tensorrt-llm", adapter)


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError) as caught:
        plan(f"{GENERAL}.engine=ollama")
    assert "`vllm`, `tensorrt-llm`, `sglang`" in str(caught.value)


def test_every_setting_of_every_engine_is_one_of_ours() -> None:
    for engine in ENGINES.values():
        assert engine.flags <= frozenset(VllmFlags.model_fields)
        assert engine.features <= frozenset(Llm.model_fields)
