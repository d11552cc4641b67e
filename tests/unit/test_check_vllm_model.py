"""vllm.model: model and image of one time"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_model import vllm_model


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: The checkpoint you are trying to load has model type `qwen9` but Transformers does "
            "not recognize this architecture.",
            "newer than the image",
            "newer image",
        ),
        (
            "llm-general",
            "ValueError: Model architectures ['FooForCausalLM'] are not supported for now.",
            "FooForCausalLM",
            "newer image",
        ),
        (
            "llm-general",
            "ValueError: Loading foo/bar requires you to execute the configuration file in that repo. Please "
            "pass the argument `trust_remote_code=True`",
            "its own code",
            "read that code",
        ),
        (
            "llm-general",
            "ImportError: cannot import name 'is_torch_fx_available' from 'transformers.utils'",
            "is_torch_fx_available",
            "pin",
        ),
        ("llm-general", "ModuleNotFoundError: No module named 'timm'", "timm", "image"),
        (
            "llm-general",
            "ValueError: LoRA rank 64 is greater than max_lora_rank 16.",
            "64",
            "max_lora_rank to 64",
        ),
        (
            "llm-general",
            "OSError: Found 0 files matching the pattern: `^tekken.json$`.",
            "tokenizer, configuration or weights are asked for",
            "take --tokenizer-mode, --config-format",
        ),
        (
            "llm-general",
            "ValueError: 'aimv2' is already used by a Transformers config, pick another name.",
            "the transformers in the image is newer than this",
            "take the image as it was published (a",
        ),
        (
            "llm-general",
            "AttributeError: Qwen2Tokenizer has no attribute all_special_tokens_extended",
            "the transformers in the image is newer than this",
            "take the image as it was published (a",
        ),
        (
            "llm-general",
            "RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cuda:1!",
            "this version of the image cannot serve the model",
            "take a newer image (or the one before)",
        ),
        (
            "llm-general",
            "ImportError: huggingface-hub>=0.34.0,<1.0 is required for a normal functioning of this module, but found huggingface-hub==1.0.0.",
            "the transformers in the image is newer than this",
            "take the image as it was published (a",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_model, service, line, cause, remedy)
