"""container.image: why there is no image"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_image import container_image


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
            "registry-1.docker.io",
            "image_source: local",
        ),
        ("redis", "manifest for redis:99 not found: manifest unknown: manifest unknown", "redis:99", "tag"),
        (
            "redis",
            "pull access denied for foo/bar, repository does not exist or may require 'docker login'",
            "to nobody",
            "docker login",
        ),
        ("redis", "No such image: llm-stack/redis:8.0", "llm-stack/redis:8.0", "images build"),
        ("redis", "failed to register layer: layer does not exist", "damaged", "pull again"),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_image, service, line, cause, remedy)
