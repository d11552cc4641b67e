"""hub.offline: what cannot be fetched"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.hub_offline import hub_offline


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "llm-general",
            "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot "
            "folder for the specified revision",
            "not in the cache",
            "hf download",
        ),
        (
            "llm-general",
            "socket.gaierror: [Errno -3] Temporary failure in name resolution",
            "resolv.conf",
            "daemon.json",
        ),
        (
            "llm-general",
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
            "unable to get local issuer certificate",
            "does not trust",
            "CA",
        ),
        (
            "llm-general",
            "requests.exceptions.ProxyError: Tunnel connection failed: 407 Proxy Authentication Required",
            "proxy",
            "NO_PROXY",
        ),
        (
            "llm-general",
            "429 Client Error: Too Many Requests for url: https://huggingface.co/api/models",
            "limits how often",
            "token",
        ),
        (
            "llm-general",
            "ValueError: Fast download using 'hf_transfer' is enabled but 'hf_transfer' package is not "
            "available in your environment.",
            "fast downloads are switched on",
            "take HF_HUB_ENABLE_HF_TRANSFER out of",
        ),
        (
            "llm-general",
            "requests.exceptions.MissingSchema: Invalid URL 'hf-mirror.com/x': No scheme supplied.",
            "HF_ENDPOINT (or a proxy variable) is given without",
            "write it with https:// in",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(hub_offline, service, line, cause, remedy)
