"""TLS at a real HAProxy: old protocols and weak ciphers are refused, and a new certificate costs no request."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.certificates import write_pair
from tests.support.edge_lab import KEY, EdgeLab, docker, edge_lab
from toolkit.planning.edge import EdgeTls
from toolkit.planning.plan import TlsFiles
from toolkit.probes.http import Answer, Endpoint, NoAnswer
from toolkit.routines.serving_edge import ServingEdge
from toolkit.state.directory import StateDirectory
from toolkit.state.keys import Keys
from toolkit.state.tls import ensure_tls

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
OLD = ("TLSv1", "TLSv1.1")
NEW = ("TLSv1.2", "TLSv1.3")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateDirectory:
    found = StateDirectory(tmp_path_factory.mktemp("project"), "testing").ensure()
    write_pair(found.project_dir)
    renew(found)
    return found


def renew(state: StateDirectory) -> bool:
    """Put the user's pair where the edge reads it, as `up` does."""
    return ensure_tls(state, TlsFiles("llm.example.org.crt", "llm.example.org.key", False, (), 99, 99))


@pytest.fixture(scope="module")
def lab(state: StateDirectory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeLab]:
    directory = tmp_path_factory.mktemp("edge")
    (directory / "keys").mkdir()
    take(state, directory)
    with edge_lab(directory, tls=EdgeTls(8443, lasting=True)) as running:
        running.make_ready()
        yield running


def take(state: StateDirectory, directory: Path) -> None:
    """Give the lab's edge the state's file, by rename and with its owner, as the state has it."""
    fresh = directory / "keys" / ".tls.pem"
    fresh.touch(0o600)
    fresh.write_bytes(state.edge_tls.read_bytes())
    os.chown(fresh, 99, 99)
    fresh.rename(directory / "keys" / "tls.pem")


def port(lab: EdgeLab) -> int:
    return int(docker("port", lab.container("edge"), "8443/tcp").rpartition(":")[2])


def endpoint(lab: EdgeLab, state: StateDirectory) -> Endpoint:
    return Endpoint(f"https://127.0.0.1:{port(lab)}", KEY, trust=state.edge_certificate)


def handshake(lab: EdgeLab, *words: str) -> str:
    """Return what openssl says of a handshake; its own limits are lifted, so that the refusal is the edge's."""
    argv = ("openssl", "s_client", "-connect", f"127.0.0.1:{port(lab)}", "-cipher", "ALL:@SECLEVEL=0", *words)
    done = subprocess.run(argv, input="", capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("version", [*OLD, *NEW])
def test_only_new_protocols_shake_hands(lab: EdgeLab, version: str) -> None:
    said = handshake(lab, "-" + version.lower().replace(".", "_").replace("tlsv", "tls"))
    established = f"New, {version}, Cipher is" in said or (
        f"Protocol  : {version}" in said and "Cipher is (NONE)" not in said
    )
    assert established == (version in NEW), said
    # A refusal of the server's, not of the client's.
    assert version in NEW or "alert protocol version" in said, said


@pytest.mark.parametrize("cipher", ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"])
def test_weak_ciphers_are_refused(lab: EdgeLab, cipher: str) -> None:
    said = handshake(lab, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "alert handshake failure" in said, said


def test_http_2_is_offered(lab: EdgeLab, state: StateDirectory) -> None:
    context = ssl.create_default_context(cafile=str(state.edge_certificate))
    context.check_hostname = False
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port(lab)), 5) as plain, context.wrap_socket(plain) as secure:
        assert secure.selected_alpn_protocol() == "h2"


def test_our_own_question_is_answered_by_this_certificate_alone(lab: EdgeLab, state: StateDirectory) -> None:
    answer = endpoint(lab, state).get("/v1/models", lab.deadline())
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["strict-transport-security"]) == (200, "max-age=63072000")
    other, _ = write_pair(state.project_dir, "other")
    stranger = Endpoint(f"https://127.0.0.1:{port(lab)}", KEY, trust=other).get("/v1/models", lab.deadline())
    assert isinstance(stranger, NoAnswer)
    assert "CERTIFICATE_VERIFY_FAILED" in stranger.reason
    assert KEY not in stranger.reason


def test_inside_it_is_asked_in_the_clear(lab: EdgeLab) -> None:
    answer = httpx.get(f"{lab.url}/healthz", timeout=5)
    assert (answer.status_code, "strict-transport-security" in answer.headers) == (200, False)


def test_a_new_certificate_drops_no_request(lab: EdgeLab, state: StateDirectory) -> None:
    digest = lab.write_config()
    before = state.edge_certificate.read_bytes()
    edge = ServingEdge(
        f"https://127.0.0.1:{port(lab)}",
        lab.admin,
        Keys(state),
        "toolkit",
        lambda: pytest.fail("a restart"),
        lab.deadline().clock,
        state.edge_certificate,
    )
    assert not edge.take_up(digest)
    over, statuses = threading.Event(), list[int]()
    url, headers = f"{edge.url}/v1/models", {"Authorization": f"Bearer {KEY}"}

    def load() -> None:
        # Each over a connection of its own, whatever certificate it meets.
        while not over.is_set():
            answer = httpx.get(url, headers=headers, verify=False, timeout=10)  # noqa: S501 - see above
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        write_pair(state.project_dir)
        assert renew(state)
        take(state, lab.directory)
        assert edge.take_up(digest)
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert state.edge_certificate.read_bytes() != before
    shown = ssl.get_server_certificate(("127.0.0.1", port(lab)))
    assert (
        hashlib.sha256(shown.encode()).digest()
        == hashlib.sha256(state.edge_certificate.read_bytes()).digest()
    )
    assert set(statuses) == {200}
    assert len(statuses) >= 20


def test_nobody_else_reads_the_key(lab: EdgeLab) -> None:
    found = (lab.directory / "keys" / "tls.pem").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (99, 0o600)
    inside = docker("inspect", lab.container("edge"))
    assert "PRIVATE KEY" not in inside
