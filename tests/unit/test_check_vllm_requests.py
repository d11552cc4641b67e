"""vllm.requests: do the clients ask what the model can do"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.vllm_requests import vllm_requests


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "jinja2.exceptions.TemplateError: Conversation roles must alternate "
            "user/assistant/user/assistant/...",
            "the model's chat template refuses the roles of the",
            "join messages of one role and put the",
        ),
        (
            "ValueError: Expected there to be 2 prompt updates corresponding to 2 image items, but instead "
            "found 0",
            "the number of images (or sounds) in a request is",
            "send images by the chat API instead of",
        ),
        (
            "ValueError: At most 1 image(s) may be provided in one prompt.",
            "a request holds more or larger images than the",
            "fewer or smaller ones at the client, or",
        ),
        (
            "RuntimeError: Cannot load local files without `--allowed-local-media-path`.",
            "the server cannot fetch what a request names by its",
            "send it as data (base64), let the",
        ),
        (
            "ValueError: logprobs is greater than max allowed: 20",
            "a parameter of the request is out of its range, or",
            "correct it at the client; the line",
        ),
        (
            "ERROR [hermes_tool_parser.py:120] Error in extracting tool call from response.",
            "the model's tool call is not in the format that the",
            "take the parser and the chat template",
        ),
        (
            'INFO:     172.17.0.1:4123 - "POST /v1/chat/completions HTTP/1.1" 401 Unauthorized',
            "requests carry no key or another one than the",
            "give the client the key",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(vllm_requests, "llm-general", line, cause, remedy)
