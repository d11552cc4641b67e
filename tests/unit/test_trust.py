"""Asking over TLS: by the server's own certificate and no other, whatever its name is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from tests.support.answering import answering
from tests.support.certificates import write_pair
from toolkit.clock import Deadline
from toolkit.probes.http import Answer, Endpoint, NoAnswer

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_one_certificate_is_trusted(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path)
    other, _ = write_pair(tmp_path, "other")
    with answering(lambda *_: (200, "well", {})) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://127.0.0.1:{server.port}"
        known = Endpoint(url, "sk-mine", trust=certificate).get("/", Deadline.after(10))
        stranger = Endpoint(url, "sk-mine", trust=other).get("/", Deadline.after(10))
        unknown = Endpoint(url, "sk-mine").get("/", Deadline.after(10))
        asked = list(server.asked)

    assert isinstance(known, Answer)
    assert known.text == "well"
    for refused in (stranger, unknown):
        assert isinstance(refused, NoAnswer)
        assert "CERTIFICATE_VERIFY_FAILED" in refused.reason
    # The key was given to nobody else.
    assert [key for *_, key in asked] == ["Bearer sk-mine"]


def test_a_certificate_that_is_gone_is_told(tmp_path: Path) -> None:
    answer = Endpoint("https://127.0.0.1:1", trust=tmp_path / "none").get("/", Deadline.after(5))
    assert isinstance(answer, NoAnswer)
    assert "No such file" in answer.reason
