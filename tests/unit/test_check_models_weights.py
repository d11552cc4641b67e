"""models.weights: files that are not whole"""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from tests.support.readings import agrees, container, read_line
from toolkit.checks.models_weights import models_weights
from toolkit.facts import LogFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge",
            "git-lfs",
            "git lfs",
        ),
        (
            "llm-general",
            "safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file "
            "not fully covered",
            "cut short",
            "fetch it again",
        ),
        (
            "llm-general",
            "RuntimeError: Cannot find any model weights with `/models/x`",
            "no weights",
            "safetensors",
        ),
        (
            "llm-general",
            "ValueError: There is no module or parameter named 'model.layers.0.foo' in Qwen2ForCausalLM",
            "names or shapes",
            "fetch the model again",
        ),
        (
            "llm-general",
            "ValueError: Following weights were not initialized from checkpoint: {'model.layers.19'}",
            "names or shapes of the weights are not those that",
            "take a newer image (it may know the",
        ),
        (
            "llm-general",
            "ValueError: No supported config format found in mistralai/x",
            "what is given as the model holds no config.json",
            "name the directory that holds",
        ),
        (
            "llm-general",
            "RuntimeError: Unknown gguf model_type: mistral3",
            "vLLM cannot serve this GGUF file",
            "take the safetensors version of the",
        ),
        (
            "llm-general",
            "OSError: Can't load the configuration of '/models/x'.",
            "what is given as the model holds no config.json",
            "name the directory that holds",
        ),
        (
            "llm-general",
            "RuntimeError: unable to open file </models/x/model-00001.safetensors> in read-only mode: No such file or directory (2)",
            "the directory holds a configuration, but no weights",
            "fetch all files of the model (`hf",
        ),
        (
            "llm-general",
            "RuntimeError: start (0) + length (1280) exceeds dimension size (640).",
            "the weights hold something else than this version",
            "take a newer image (parts that stay",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(models_weights, service, line, cause, remedy)


def test_no_memory_is_enough_for_a_header_that_is_none() -> None:
    lines = (
        '  File "/opt/vllm/transformers_utils/utils.py", line 113, in parse_safetensors_file_metadata',
        "    metadata = json.loads(f.read(length_of_metadata).decode())",
        "MemoryError",
    )
    assert "git-lfs" in read_line(models_weights, *lines).cause
    bare = (LogFact("llm-general", ("MemoryError",)),)
    assert ask(models_weights, plan(), logs=bare, containers=(container(),)) == ()
