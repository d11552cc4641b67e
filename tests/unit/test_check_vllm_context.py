"""vllm.context: the model's own length"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees, read_line
from toolkit.checks.vllm_context import vllm_context


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "ValueError: User-specified max_model_len (65536) is greater than the derived max_model_len "
            "(max_position_embeddings=32768 or model_max_length=None in model's config.json).",
            "32768",
            "lower services.llm_general.flags.max_model_len to at most 32768",
        ),
        (
            "llm-general",
            "This model's maximum context length is 6144 tokens. However, you requested 9000 tokens",
            "more tokens than",
            "shorten prompts",
        ),
        (
            "llm-general",
            "ValueError: The prompt (total length 25938) is too long to fit into the model (context length "
            "4096).",
            "requests ask for more tokens than max_model_len",
            "shorten prompts or max_tokens at the",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(vllm_context, service, line, cause, remedy)


CRASH = "Assertion `index out of bounds: 0 <= tmp4 < 4096` failed: device-side assert triggered"


def test_the_variable_that_the_error_recommends_is_the_cause_of_the_crash() -> None:
    hint = "To allow overriding this maximum, set the env var VLLM_ALLOW_LONG_MAX_MODEL_LEN=1"
    found = read_line(vllm_context, hint, CRASH)
    assert "position embeddings" in found.cause
    assert any("broken hardware" in text for text in found.rejected)


def test_the_length_of_the_model_is_a_change() -> None:
    line = (
        "User-specified max_model_len (65536) is greater than the derived max_model_len "
        "(max_position_embeddings=32768"
    )
    (change,) = read_line(vllm_context, line).changes
    assert change.value == 32768
