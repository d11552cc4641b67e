"""hub.refused: three refusals"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.hub_refused import hub_refused


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "huggingface_hub.errors.GatedRepoError: 401 Client Error. Cannot access gated repo for url "
            "https://huggingface.co/x",
            "has no token",
            "hf auth login",
        ),
        (
            "llm-general",
            "403 Client Error: Forbidden for url: https://huggingface.co/meta/x. Your request to access "
            "model meta/x is awaiting a review from the repo authors.",
            "not let in",
            "accept the terms",
        ),
        (
            "llm-general",
            "Client error '401 Unauthorized' for url 'https://huggingface.co/api/models/x'. Invalid "
            "credentials in Authorization header",
            "not valid",
            "new token",
        ),
        (
            "llm-general",
            "httpx.LocalProtocolError: Illegal header value b'Bearer hf_x '",
            "the token is not valid: expired, deleted, or copied",
            "make a new token at",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(hub_refused, service, line, cause, remedy)
