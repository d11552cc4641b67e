"""hub.unknown: a path or a name"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.hub_unknown import hub_unknown


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "huggingface_hub.errors.HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '/models/llama'. Use `repo_type` argument if needed.",
            "does not exist inside the container",
            "mount",
        ),
        (
            "llm-general",
            "OSError: foo/bar is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
            "no such repository",
            "correct `source:`",
        ),
        (
            "llm-general",
            "huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error. Repository Not Found for url: https://huggingface.co/api/models/x/y.",
            "no such repository",
            "correct `source:`",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(hub_unknown, service, line, cause, remedy)
