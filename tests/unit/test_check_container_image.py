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
            'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup '
            "registry-1.docker.io on 10.0.0.1:53: no such host",
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
        (
            "redis",
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
            "the image is not published for this processor",
            "take a tag that has it (`docker",
        ),
        (
            "redis",
            "invalid reference format",
            "the image's name is not valid: capitals, a blank, a",
            "correct services.redis.image; a",
        ),
        (
            "redis",
            "toomanyrequests: You have reached your unauthenticated pull rate limit.",
            "the registry limits how often this address may pull",
            "`docker login` (it raises the limit), a",
        ),
        (
            "redis",
            'error getting credentials - err: exec: "docker-credential-desktop": executable file not found '
            "in $PATH",
            "the engine's client is told to ask a credential",
            "take credsStore out of",
        ),
        (
            "redis",
            'Get "https://registry-1.docker.io/v2/": tls: failed to verify certificate: x509: certificate '
            "signed by unknown authority",
            "the registry (or a proxy before it) shows a",
            "put its CA into",
        ),
        (
            "redis",
            "unexpected EOF",
            "the download of the image broke off: the network, a",
            "pull it again (finished layers are",
        ),
        (
            "redis",
            'image operating system "windows" cannot be used on this platform',
            "the image is made for windows, which this engine",
            "take the Linux image, or switch Docker",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_image, service, line, cause, remedy)
