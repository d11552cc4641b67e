"""vllm.flags: what the image does not know"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.vllm_flags import vllm_flags


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "  Value error, Chunked prefill is not supported for this model. [type=value_error, input_value=ArgsKwargs(()), input_type=ArgsKwargs]",
            "Chunked prefill is not supported",
            "services.llm_general.flags",
        ),
        (
            "llm-general",
            "  Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='x', input_type=str]",
            "valid integer",
            "services.llm_general.flags",
        ),
        (
            "llm-general",
            "api_server.py: error: unrecognized arguments: --swap-space 4 --disable-log-requests",
            "--swap-space 4 --disable-log-requests",
            "remove",
        ),
        (
            "llm-general",
            "vllm serve: error: argument --kv-cache-dtype: invalid choice: 'fp9' (choose from auto, fp8)",
            "--kv-cache-dtype",
            "correct the value",
        ),
        (
            "llm-general",
            "ValueError: max_num_batched_tokens (1024) is smaller than max_model_len (4096). This "
            "effectively limits the maximum sequence length",
            "max_model_len (4096)",
            "at least 4096",
        ),
        (
            "llm-general",
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig",
            "refuses its configuration",
            "services.llm_general.flags",
        ),
        (
            "llm-general",
            "  Value error, GPU memory utilization must be less than 1.0. Got 95.0.",
            "gpu_memory_utilization is a share of the card",
            "set",
        ),
        (
            "llm-general",
            "KeyError: 'invalid tool call parser: qwen (chose from { hermes,mistral })'",
            "this version of the image has no tool call parser",
            "take one that the line lists ({",
        ),
        (
            "llm-general",
            "TypeError: Error: --enable-auto-tool-choice requires --tool-call-parser",
            "the flag --enable-auto-tool-choice works only",
            "give both, or take",
        ),
        (
            "llm-general",
            "ValueError: The supplied chat template (./t.jinja) looks like a file path, but it failed to be "
            "opened.",
            "the chat template ./t.jinja is not in the",
            "mount the file and give the path as the",
        ),
        (
            "llm-general",
            "error: argument --limit-mm-per-prompt: Value image=1 cannot be converted to <function loads>",
            "the flag --limit-mm-per-prompt wants JSON in this",
            "write it as JSON in",
        ),
        (
            "llm-general",
            "NotImplementedError: VLLM_USE_V1=1 is not supported with --x.",
            "the engine V1 of this image does not do what is",
            "take out the flag or variable that the",
        ),
        (
            "llm-general",
            "  Value error, The model cannot do that. [type=value_error]",
            "vLLM refuses its configuration: The model cannot do",
            "correct services.llm_general.flags as",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_flags, service, line, cause, remedy)


def test_what_stands_in_the_place_of_a_removed_flag_is_told() -> None:
    found = read_line(vllm_flags, "vllm serve: error: unrecognized arguments: --swap-space 4")
    assert "--swap-space is gone since vLLM 0.17: use --kv-offloading-size" in found.remedy
