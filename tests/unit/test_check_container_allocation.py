"""container.allocation: a refusal, where nobody knows more"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_allocation import container_allocation


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            "# Can't save: fork: Cannot allocate memory",
            "asked for memory",
            "raise services.redis.memory",
        ),
        ("api-server", "MemoryError", "got none", "raise services.api_server.memory"),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_allocation, service, line, cause, remedy)
