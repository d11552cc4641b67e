"""From typed flags to the words behind `vllm serve`, and what surrounds that process."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.support.plans import bundle, plan, service, settings
from toolkit.planning.model_sources import GENERATED
from toolkit.planning.plan import GeneratedModel, Mount
from toolkit.planning.vllm import vllm_argv
from toolkit.settings.models import Model
from toolkit.settings.vllm import VllmFlags

TINY = Model(source="generated", revision=None, licence="MIT", trust_remote_code=False, facts=None)
FLAGS = settings().services.llm_general.flags.model_copy(update={"greedy": False, "seed": None})


def argv(flags: VllmFlags = FLAGS, model: Model = TINY) -> list[str]:
    return list(vllm_argv(flags, model, "/models/tiny", ("general", "fast")))


def flag(words: list[str], name: str) -> str | None:
    """Return the word behind a flag, "" for a flag without one, None where it is not there."""
    if name not in words:
        return None
    following = words[words.index(name) + 1 :][:1]
    return following[0] if following and not following[0].startswith("--") else ""


def test_the_whole_list() -> None:
    assert argv() == [
        *("/models/tiny", "--served-model-name", "general", "fast", "--host", "0.0.0.0", "--port", "8000"),
        *("--dtype", "bfloat16", "--kv-cache-dtype", "auto", "--max-model-len", "6144"),
        *("--max-num-seqs", "16", "--max-num-batched-tokens", "2048", "--tensor-parallel-size", "1"),
        *("--enable-prefix-caching", "--enforce-eager", "--kv-cache-memory-bytes", "64M"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "flag_name", "word"),
    [
        ("quantization", None, "--quantization", None),
        ("quantization", "awq_marlin", "--quantization", "awq_marlin"),
        ("gpu_memory_utilization", None, "--gpu-memory-utilization", None),
        ("gpu_memory_utilization", 0.82, "--gpu-memory-utilization", "0.82"),
        ("max_num_queued_reqs", None, "--max-num-queued-reqs", None),
        ("max_num_queued_reqs", 64, "--max-num-queued-reqs", "64"),
        ("kv_cache_memory_bytes", None, "--kv-cache-memory-bytes", None),
        ("kv_cache_memory_bytes", 3 * 2**30, "--kv-cache-memory-bytes", "3G"),
        ("seed", 0, "--seed", "0"),
        ("enable_prefix_caching", True, "--enable-prefix-caching", ""),
        ("enable_prefix_caching", False, "--no-enable-prefix-caching", ""),
        ("enable_prefix_caching", False, "--enable-prefix-caching", None),
        ("enforce_eager", False, "--no-enforce-eager", ""),
        ("greedy", False, "--override-generation-config", None),
        ("greedy", True, "--override-generation-config", '{"temperature": 0.0}'),
        ("greedy", True, "--greedy", None),
    ],
)
def test_a_setting_becomes_its_flag(name: str, value: object, flag_name: str, word: str | None) -> None:
    assert flag(argv(FLAGS.model_copy(update={name: value})), flag_name) == word


def test_a_revision_and_trust_only_where_the_catalogue_says_so() -> None:
    plain, pinned = argv(), argv(model=TINY.model_copy(update={"revision": "abc", "trust_remote_code": True}))

    assert (flag(plain, "--revision"), flag(plain, "--trust-remote-code")) == (None, None)
    assert (flag(pinned, "--revision"), flag(pinned, "--trust-remote-code")) == ("abc", "")


def test_the_greedy_override_is_json_of_its_own() -> None:
    words = service("llm-fast").command
    assert json.loads(words[words.index("--override-generation-config") + 1]) == {"temperature": 0.0}


def test_each_server_answers_to_its_own_name_first_and_to_the_one_it_stands_in_for() -> None:
    assert service("llm-general").command[1:4] == ("--served-model-name", "general", "fast")
    assert service("llm-fast").command[1:4] == ("--served-model-name", "fast", "general")
    alone = service("llm-fast", "services.llm_general.enabled=false")
    assert alone.command[1:4] == ("--served-model-name", "fast", "--host")


def test_a_generated_model_is_mounted_and_the_hub_is_not_asked() -> None:
    server = service("llm-general")

    assert server.command[0] == "/models/tiny"
    assert Mount("bind", ".toolkit/models/tiny-0", "/models/tiny", read_only=True) in server.mounts
    assert server.environment["HF_HUB_OFFLINE"] == "1"
    assert plan().generated_models == (GeneratedModel(".toolkit/models/tiny-0", 0, "chat"),)


def test_a_model_of_the_hub_is_downloaded_into_the_cache() -> None:
    server = service("llm-general", machine="cpu-online")

    assert server.command[0] == "Qwen/Qwen3-0.6B"
    assert not [mount for mount in server.mounts if mount.target.startswith("/models/")]
    assert "HF_HUB_OFFLINE" not in server.environment
    assert plan("services.llm_fast.model=qwen3-0.6b", machine="cpu-online").generated_models == ()


@pytest.mark.parametrize(
    ("source", "mounted"),
    [("dir:/srv/models/mine", "/srv/models/mine"), ("dir:models/mine", "models/mine")],
)
def test_a_directory_is_mounted_read_only_relative_to_the_profile(source: str, mounted: str) -> None:
    server = service("llm-general", f"models.tiny.source={source}")

    assert server.command[0] == "/models/tiny"
    assert Mount("bind", mounted, "/models/tiny", read_only=True) in server.mounts
    assert server.environment["HF_HUB_OFFLINE"] == "1"


def test_a_cache_of_the_host_lies_over_the_volume() -> None:
    volume = Mount("volume", "model-cache", "/cache", read_only=False)
    host = Mount("bind", "/home/ada/.cache/huggingface", "/cache/huggingface", read_only=False)

    assert service("llm-fast").mounts[:1] == (volume,)
    assert service("llm-fast", machine="cpu-online").mounts[:2] == (volume, host)


def test_the_profile_s_environment_has_the_last_word() -> None:
    server = service(
        "llm-fast",
        'services.llm_fast.environment.OMP_NUM_THREADS="4"',
        "services.llm_fast.environment.HOME=/x",
    )
    expected = {
        "OMP_NUM_THREADS": "4",
        "HOME": "/x",
        "OWN_MODEL_NAME": "fast",
        "HF_HOME": "/cache/huggingface",
    }
    assert {name: server.environment[name] for name in expected} == expected


EMBEDDINGS = ("services.embeddings.enabled=true", "services.embeddings.model=tiny-embeddings")


def test_embeddings_have_a_pooling_server_that_stands_in_for_nobody() -> None:
    server = service("embeddings", *EMBEDDINGS)

    assert server.command[:4] == ("/models/tiny-embeddings", "--served-model-name", "embeddings", "--host")
    assert server.command[-2:] == ("--runner", "pooling")
    assert (server.fragment, server.networks) == ("embeddings", ("inference",))
    assert server.environment["OWN_MODEL_NAME"] == "embeddings"
    assert "embeddings" not in service("llm-general", *EMBEDDINGS).command
    (model,) = (m for m in plan(*EMBEDDINGS).models if m.served_name == "embeddings")
    assert (model.pooling, model.fallback) == (True, None)


def test_a_text_is_embedded_in_one_step() -> None:
    words = list(service("embeddings", *EMBEDDINGS).command)
    assert int(flag(words, "--max-num-batched-tokens") or 0) >= int(flag(words, "--max-model-len") or 0)


def test_each_kind_of_generated_model_is_made_where_it_is_used() -> None:
    assert plan(*EMBEDDINGS).generated_models == tuple(GENERATED.values())
    placed = ("services.llm_fast.model=tiny", "services.llm_fast.gpus=[]", "services.llm_fast.host=app")
    there = plan(*EMBEDDINGS, *placed, machine="two-hosts")
    assert there.on_host("ai").generated_models == (GENERATED["generated-embeddings"],)
    assert there.on_host("app").generated_models == (GENERATED["generated"],)


def test_its_health_is_an_embedding_until_it_has_answered_once() -> None:
    compose = yaml.safe_load(bundle(*EMBEDDINGS).files["compose.yaml"].text)
    said = compose["services"]["embeddings"]["healthcheck"]["test"][1]
    assert said.index("/metrics") < said.index("/health;") < said.index("/v1/embeddings")
    assert "completions" not in said
